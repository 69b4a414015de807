// What a message costs that subscribers of another loop want: copied into a batch, posted, walked
// through there, and its credit given back. On one thread, so without the caches of two cores
// asking each other for the bytes. And what the question costs which loops want a topic.
//   ./dev bench //bench/micro:exchange_benchmark
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bench/micro/per_item.h"
#include "benchmark/benchmark.h"
#include "broker/exchange.h"
#include "broker/interest.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/siblings.h"
#include "broker/subscription_index.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/published.h"
#include "tests/support/recording_link.h"
#include "tests/support/sim_executor.h"

namespace esockets::broker {
namespace {

constexpr std::string_view kTopic = "telemetry/host-42/cpu";

struct Loop {
  explicit Loop(uint32_t self) ESOCKETS_ASSERTS_ON_LOOP : siblings(self, 2, &link) {
    executor.BeginTurn();
  }
  ~Loop() { executor.EndTurn(); }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  tests::SimExecutor executor;
  tests::RecordingLink link;
  Metrics metrics;
  Siblings siblings;
  Exchange exchange{&executor, &siblings, &metrics, Limits().exchange_bytes_max};
};

void ForwardAndRoute(benchmark::State& state) {
  const auto batch_messages = static_cast<size_t>(state.range(0));
  const std::string payload(static_cast<size_t>(state.range(1)), 'x');
  const tests::Published message(kTopic, payload);
  Loop publishing(0);
  Loop subscribed(1);
  uint64_t routed = 0;
  uint64_t routed_bytes = 0;
  for (auto _ : state) {
    for (size_t i = 0; i < batch_messages; ++i) {
      publishing.exchange.Forward(message.messages(), 0b10);
    }
    publishing.exchange.Flush();
    for (const auto& [to, parcel] : publishing.link.posted) {
      uint64_t credit_bytes = 0;
      std::get<BatchParcel>(parcel).batch->ForEach(1, [&](const Messages& arrived, size_t bytes) {
        routed += arrived.count();
        routed_bytes += arrived.frames.view().size();
        credit_bytes += bytes;
      });
      subscribed.exchange.OnRouted(0, {.bytes = credit_bytes});
    }
    publishing.link.posted.clear();
    for (const auto& [to, parcel] : subscribed.link.posted) {
      publishing.exchange.OnCredit(1, std::get<CreditParcel>(parcel));
    }
    subscribed.link.posted.clear();
  }
  const size_t message_bytes = message.messages().frames.view().size();
  const uint64_t forwarded = static_cast<uint64_t>(state.iterations()) * batch_messages;
  if (routed != forwarded || routed_bytes != forwarded * message_bytes) {
    state.SkipWithError("not what was forwarded");
  }
  bench::ReportPerItem(state, "message", forwarded);
}

std::string Topic(size_t device) { return "fleet/device/" + std::to_string(device) + "/state"; }

// One loop that knows what `loops` - 1 others want, `count` topics in all.
class InterestOfOthers {
 public:
  InterestOfOthers(uint32_t loops, size_t count)
      : siblings_(0, loops, &link_), interest(&siblings_, &index_) {
    tests::PretendOnLoop();
    for (size_t i = 0; i < count; ++i) {
      interest.OnChange(LoopOf(i, loops), {.filter = Topic(i), .wanted = true, .barrier = 0});
    }
  }

  static uint32_t LoopOf(size_t device, uint32_t loops) {
    return static_cast<uint32_t>(1 + device % (loops - 1));
  }

 private:
  tests::RecordingLink link_;
  SubscriptionIndex index_;
  Siblings siblings_;

 public:
  Interest interest;
};

// Random topics, so many that a large table does not stay in the caches.
std::vector<size_t> RandomDevices(size_t count) {
  std::mt19937 random(1);
  std::vector<size_t> devices(size_t{1} << 16);
  for (size_t& device : devices) device = random() % count;
  return devices;
}

void LoopsWithLiteral(benchmark::State& state, bool wanted) {
  const auto loops = static_cast<uint32_t>(state.range(0));
  const auto count = static_cast<size_t>(state.range(1));
  const InterestOfOthers others(loops, count);
  std::vector<std::string> topics;
  std::vector<uint64_t> expected;
  for (const size_t device : RandomDevices(count)) {
    topics.push_back(Topic(wanted ? device : count + device));
    expected.push_back(wanted ? uint64_t{1} << InterestOfOthers::LoopOf(device, loops) : 0);
  }
  size_t next = 0;
  uint64_t wrong = 0;
  for (auto _ : state) {
    wrong += others.interest.LoopsWithLiteral(topics[next]) ^ expected[next];
    next = (next + 1) % topics.size();
  }
  if (wrong != 0) state.SkipWithError("not the loop that wants it");
}

void Literals(benchmark::internal::Benchmark* b) {
  b->ArgNames({"loops", "literals"})->ArgsProduct({{2, 4}, {1000, 10000, 100000, 1000000}});
}

BENCHMARK(ForwardAndRoute)
    ->ArgNames({"batch", "payload_bytes"})
    ->ArgsProduct({{1, 16, 500}, {16, 128, 1024}});
BENCHMARK_CAPTURE(LoopsWithLiteral, wanted, true)->Apply(Literals);
BENCHMARK_CAPTURE(LoopsWithLiteral, unwanted, false)->Apply(Literals);

}  // namespace
}  // namespace esockets::broker
