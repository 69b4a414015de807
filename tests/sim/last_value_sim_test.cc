// Many seeds of the simulation with last values keep every promise, and every planted fault breaks
// one. A failure prints its seed; ESOCKETS_SEED=n plays that one alone. Longer runs: ./dev sim
// --seeds=N.
#include "tests/sim/last_value_sim.h"

#include <cstdint>
#include <string_view>

#include "gtest/gtest.h"
#include "tests/sim/seeds.h"

namespace esockets::tests {
namespace {

constexpr int kSteps = 250;

TEST(LastValueSim, KeepsItsPromises) {
  ExpectKept(200, [](uint64_t seed) { return LastValueSim(seed, 0).Play(kSteps); });
}

// A model that never complains would prove nothing.
TEST(LastValueSim, NoticesWhatIsWrong) {
  const struct {
    std::string_view name;
    LinkFault fault;
  } cases[] = {
      {"batches change places", LinkFault::kReorderBatches},
      {"a batch is lost", LinkFault::kLoseBatch},
      {"credit is lost", LinkFault::kLoseCredit},
      {"an interest is lost", LinkFault::kLoseInterest},
  };
  for (const auto& c : cases) {
    ExpectNoticed(c.name,
                  [&](uint64_t seed) { return LastValueSim(seed, 2, c.fault).Play(kSteps); });
  }
}

}  // namespace
}  // namespace esockets::tests
