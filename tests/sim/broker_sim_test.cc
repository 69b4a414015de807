// Many seeds of the simulation keep every promise, and every planted fault breaks one. A failure
// prints its seed; ESOCKETS_SEED=n plays that one alone. Longer runs: ./dev sim --seeds=N.
#include "tests/sim/broker_sim.h"

#include <cstdint>
#include <string_view>

#include "gtest/gtest.h"
#include "tests/sim/seeds.h"

namespace esockets::tests {
namespace {

constexpr int kSteps = 250;

TEST(BrokerSim, KeepsItsPromises) {
  ExpectKept(300, [](uint64_t seed) { return BrokerSim(seed, 0, {}).Play(kSteps); });
}

// A model that never complains would prove nothing.
TEST(BrokerSim, NoticesWhatIsWrong) {
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
    ExpectNoticed(c.name,
                  [&](uint64_t seed) { return BrokerSim(seed, loops, c.faults).Play(kSteps); });
  }
}

}  // namespace
}  // namespace esockets::tests
