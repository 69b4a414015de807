// Many seeds of the simulation of groups keep every promise, and every planted fault breaks
// one. A failure prints its seed; ESOCKETS_SEED=n plays that one alone. Longer runs: ./dev sim
// --seeds=N.
#include "tests/sim/group_sim.h"

#include <cstdint>

#include "gtest/gtest.h"
#include "tests/sim/seeds.h"
#include "tests/support/sim_cluster.h"

namespace esockets::tests {
namespace {

constexpr int kSteps = 250;

TEST(GroupSim, KeepsItsPromises) {
  ExpectKept(200, [](uint64_t seed) { return GroupSim(seed, 0).Play(kSteps); });
}

TEST(GroupSim, NoticesWhatIsWrong) {
  ExpectLinkFaultsNoticed(
      [](uint64_t seed, LinkFault fault) { return GroupSim(seed, 2, fault).Play(kSteps); });
}

}  // namespace
}  // namespace esockets::tests
