// Many seeds of the simulation with presence keep every promise, and planted faults break one. A
// failure prints its seed; ESOCKETS_SEED=n plays that one alone. Longer runs: ./dev sim --seeds=N.
#include "tests/sim/presence_sim.h"

#include <cstdint>

#include "gtest/gtest.h"
#include "tests/sim/seeds.h"
#include "tests/support/sim_cluster.h"

namespace esockets::tests {
namespace {

TEST(PresenceSim, KeepsItsPromises) {
  ExpectKept(200, [](uint64_t seed) { return PresenceSim(seed, 0).Play(250); });
}

TEST(PresenceSim, NoticesWhatIsWrong) {
  const auto play = [](LinkFault fault) {
    return [fault](uint64_t seed) { return PresenceSim(seed, 2, fault).Play(250); };
  };
  ExpectNoticed("a report is lost", play(LinkFault::kLosePresence));
  ExpectNoticed("a report is repeated", play(LinkFault::kRepeatPresence));
  ExpectNoticed("a batch is lost", play(LinkFault::kLoseBatch));
}

}  // namespace
}  // namespace esockets::tests
