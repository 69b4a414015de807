// Many seeds of the simulation of requests and wills keep every promise, and planted faults break
// one. A failure prints its seed; ESOCKETS_SEED=n plays that one alone. Longer runs: ./dev sim
// --seeds=N.
#include "tests/sim/request_sim.h"

#include <cstdint>

#include "gtest/gtest.h"
#include "tests/sim/seeds.h"
#include "tests/support/sim_cluster.h"

namespace esockets::tests {
namespace {

constexpr int kSteps = 250;

TEST(RequestSim, KeepsItsPromises) {
  ExpectKept(200, [](uint64_t seed) { return RequestSim(seed, 0).Play(kSteps); });
}

TEST(RequestSim, NoticesWhatIsWrong) {
  const struct {
    std::string_view name;
    LinkFault fault;
  } cases[] = {
      {"a batch is lost", LinkFault::kLoseBatch},
      {"a batch arrives twice", LinkFault::kRepeatBatch},
      {"credit is lost", LinkFault::kLoseCredit},
      {"an id is never free again", LinkFault::kLoseRelease},
  };
  for (const auto& c : cases) {
    ExpectNoticed(c.name, [&](uint64_t seed) { return RequestSim(seed, 2, c.fault).Play(kSteps); });
  }
}

}  // namespace
}  // namespace esockets::tests
