// Many seeds of the simulation with presence keep every promise. A failure prints its seed;
// ESOCKETS_SEED=n plays that one alone. Longer runs: ./dev sim --seeds=N.
#include "tests/sim/presence_sim.h"

#include <cstdint>

#include "gtest/gtest.h"
#include "tests/sim/seeds.h"

namespace esockets::tests {
namespace {

TEST(PresenceSim, KeepsItsPromises) {
  ExpectKept(200, [](uint64_t seed) { return PresenceSim(seed, 0).Play(250); });
}

}  // namespace
}  // namespace esockets::tests
