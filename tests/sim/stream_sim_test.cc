// Many seeds of the simulation with a stream keep every promise, and every planted fault breaks
// one. A failure prints its seed; ESOCKETS_SEED=n plays that one alone. Longer runs: ./dev sim
// --seeds=N.
#include "tests/sim/stream_sim.h"

#include <cstdint>

#include "gtest/gtest.h"
#include "tests/sim/seeds.h"
#include "tests/support/sim_cluster.h"

namespace esockets::tests {
namespace {

constexpr int kSteps = 250;

TEST(StreamSim, KeepsItsPromises) {
  ExpectKept(200, [](uint64_t seed) { return StreamSim(seed, 0).Play(kSteps); });
}

TEST(StreamSim, NoticesWhatIsWrong) {
  ExpectLinkFaultsNoticed(
      [](uint64_t seed, LinkFault fault) { return StreamSim(seed, 2, fault).Play(kSteps); });
}

}  // namespace
}  // namespace esockets::tests
