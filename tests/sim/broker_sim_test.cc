// Many seeds of the simulation keep every promise, and every planted fault breaks one. A failure
// prints its seed; ESOCKETS_SEED=n plays that one alone. Longer runs: ./dev sim --seeds=N.
#include "tests/sim/broker_sim.h"

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

TEST(BrokerSim, KeepsItsPromises) {
  base::SetLogLevel(base::LogLevel::kError);
  const char* only = std::getenv("ESOCKETS_SEED");
  const uint64_t first = only == nullptr ? 1 : std::strtoull(only, nullptr, 10);
  const uint64_t count = only == nullptr ? 300 : 1;
  for (uint64_t seed = first; seed < first + count; ++seed) {
    ASSERT_EQ(BrokerSim(seed, 0, {}).Play(kSteps), "") << "ESOCKETS_SEED=" << seed;
  }
}

// A model that never complains would prove nothing.
TEST(BrokerSim, NoticesWhatIsWrong) {
  base::SetLogLevel(base::LogLevel::kError);
  constexpr uint64_t kSeedsMax = 1000;
  using Sink = FakeSink::Fault;
  const struct {
    std::string_view name;
    SimFaults faults;
  } cases[] = {
      {"a Gap is lost", {.sink = Sink::kLoseGap}},
      {"a Gap says too few", {.sink = Sink::kWrongGap}},
      {"a Gap comes late", {.sink = Sink::kLateGap}},
      {"messages change places", {.sink = Sink::kSwapMessages}},
      {"a message comes twice", {.sink = Sink::kRepeatMessage}},
      {"a message is lost", {.sink = Sink::kLoseMessage}},
      {"a slice is skipped", {.sink = Sink::kSkipSlice}},
      {"an offer is made twice", {.sink = Sink::kDoubleOffer}},
      {"batches change places", {.link = LinkFault::kReorderBatches}},
      {"a batch is lost", {.link = LinkFault::kLoseBatch}},
      {"a batch comes twice", {.link = LinkFault::kRepeatBatch}},
      {"an interest is lost", {.link = LinkFault::kLoseInterest}},
      {"Subscribed comes early", {.link = LinkFault::kEarlySubscribed}},
      {"credit is lost", {.link = LinkFault::kLoseCredit}},
      {"a client id is never free", {.link = LinkFault::kLoseRelease}},
  };
  for (const auto& c : cases) {
    const uint32_t loops = c.faults.link == LinkFault::kNone ? 0 : 2;
    uint64_t seed = 1;
    while (seed <= kSeedsMax && BrokerSim(seed, loops, c.faults).Play(kSteps).empty()) ++seed;
    EXPECT_LE(seed, kSeedsMax) << c.name;
    RecordProperty(std::string(c.name), static_cast<int>(seed));
    std::printf("%s: noticed with seed %d\n", std::string(c.name).c_str(), static_cast<int>(seed));
  }
}

}  // namespace
}  // namespace esockets::tests
