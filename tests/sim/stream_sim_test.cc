// Many seeds of the simulation with a stream keep every promise, and every planted fault breaks
// one. A failure prints its seed; ESOCKETS_SEED=n plays that one alone. Longer runs: ./dev sim
// --seeds=N.
#include "tests/sim/stream_sim.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/log.h"
#include "gtest/gtest.h"

namespace esockets::tests {
namespace {

constexpr int kSteps = 250;

TEST(StreamSim, KeepsItsPromises) {
  base::SetLogLevel(base::LogLevel::kError);
  const char* only = std::getenv("ESOCKETS_SEED");
  const uint64_t first = only == nullptr ? 1 : std::strtoull(only, nullptr, 10);
  const uint64_t count = only == nullptr ? 200 : 1;
  for (uint64_t seed = first; seed < first + count; ++seed) {
    ASSERT_EQ(StreamSim(seed, 0).Play(kSteps), "") << "ESOCKETS_SEED=" << seed;
  }
}

// A model that never complains would prove nothing.
TEST(StreamSim, NoticesWhatIsWrong) {
  base::SetLogLevel(base::LogLevel::kError);
  constexpr uint64_t kSeedsMax = 1000;
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
    uint64_t seed = 1;
    while (seed <= kSeedsMax && StreamSim(seed, 2, c.fault).Play(kSteps).empty()) ++seed;
    EXPECT_LE(seed, kSeedsMax) << c.name;
    std::printf("%s: noticed with seed %d\n", std::string(c.name).c_str(), static_cast<int>(seed));
  }
}

}  // namespace
}  // namespace esockets::tests
