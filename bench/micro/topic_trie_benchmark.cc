// What a topic costs to match and a subscription to come and go, from a thousand filters
// to a million. The lines to watch: time must not grow with filters that do not match.
//   ./dev bench //bench/micro:topic_trie_benchmark
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/topic.h"
#include "benchmark/benchmark.h"
#include "broker/subscription.h"
#include "broker/subscription_index.h"

namespace esockets::broker {
namespace {

enum class Shape {
  kLiteral,     // "fleet/7/device/123/state"
  kBelow,       // "fleet/7/device/123/#"
  kPlusLast,    // "fleet/7/device/123/+"
  kPlusMiddle,  // "fleet/+/device/123/state"
};

std::string Topic(size_t device, std::string_view last = "state") {
  return "fleet/" + std::to_string(device % 100) + "/device/" + std::to_string(device) + "/" +
         std::string(last);
}

std::string Filter(Shape shape, size_t device) {
  switch (shape) {
    case Shape::kLiteral:
      return Topic(device);
    case Shape::kBelow:
      return Topic(device, "#");
    case Shape::kPlusLast:
      return Topic(device, "+");
    case Shape::kPlusMiddle:
      return "fleet/+/device/" + std::to_string(device) + "/state";
  }
  return {};
}

// One subscription to each of `count` filters.
class FilledIndex {
 public:
  FilledIndex(Shape shape, size_t count) : subscriptions_(count) {
    for (size_t i = 0; i < count; ++i) index.Add(Filter(shape, i), &subscriptions_[i]);
  }

  SubscriptionIndex index;

 private:
  std::vector<Subscription> subscriptions_;
};

std::vector<std::string> RandomTopics(size_t devices, std::string_view last = "state") {
  std::mt19937 random(1);
  std::vector<std::string> topics(std::min<size_t>(devices, 4096));
  for (std::string& topic : topics) topic = Topic(random() % devices, last);
  return topics;
}

void MatchAll(benchmark::State& state, const SubscriptionIndex& index,
              const std::vector<std::string>& topics) {
  std::vector<Subscriber*> matched;
  size_t next = 0;
  uint64_t found = 0;
  for (auto _ : state) {
    matched.clear();
    index.Match(topics[next], &matched);
    found += matched.size();
    next = next + 1 == topics.size() ? 0 : next + 1;
  }
  const auto iterations = static_cast<double>(state.iterations());
  state.counters["matched"] = static_cast<double>(found) / iterations;
}

void Match(benchmark::State& state, Shape shape) {
  const auto count = static_cast<size_t>(state.range(0));
  const FilledIndex filled(shape, count);
  MatchAll(state, filled.index, RandomTopics(count));
  state.counters["bytes/filter"] =
      static_cast<double>(filled.index.bytes()) / static_cast<double>(count);
}

void MatchNothing(benchmark::State& state, Shape shape) {
  const auto count = static_cast<size_t>(state.range(0));
  const FilledIndex filled(shape, count);
  std::vector<std::string> topics = RandomTopics(count);
  for (std::string& topic : topics) topic.insert(0, "other/");
  MatchAll(state, filled.index, topics);
}

void MatchOneFilterOfMany(benchmark::State& state) {
  std::vector<Subscription> subscriptions(static_cast<size_t>(state.range(0)));
  SubscriptionIndex index;
  for (Subscription& one : subscriptions) index.Add("room/42/chat", &one);
  MatchAll(state, index, {"room/42/chat"});
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

// A session comes and goes while `count` others stay.
void AddAndRemove(benchmark::State& state, Shape shape) {
  const auto count = static_cast<size_t>(state.range(0));
  FilledIndex filled(shape, count);
  std::vector<std::string> filters;
  for (size_t i = 0; i < 4096; ++i) filters.push_back(Filter(shape, count + i));
  Subscription subscription;
  size_t next = 0;
  for (auto _ : state) {
    filled.index.Add(filters[next++ % filters.size()], &subscription);
    filled.index.Remove(&subscription);
  }
}

// The longest time that one Add kept the loop while the index grew.
void Grow(benchmark::State& state, Shape shape) {
  using Clock = std::chrono::steady_clock;
  const auto count = static_cast<size_t>(state.range(0));
  std::vector<std::string> filters;
  for (size_t i = 0; i < count; ++i) filters.push_back(Filter(shape, i));
  Clock::duration longest{};
  for (auto _ : state) {
    std::vector<Subscription> subscriptions(count);
    SubscriptionIndex index;
    for (size_t i = 0; i < count; ++i) {
      const Clock::time_point start = Clock::now();
      index.Add(filters[i], &subscriptions[i]);
      longest = std::max(longest, Clock::now() - start);
    }
  }
  state.counters["longest_us"] = std::chrono::duration<double, std::micro>(longest).count();
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void Check(benchmark::State& state) {
  const std::vector<std::string> topics = RandomTopics(1000);
  size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(base::CheckTopic(topics[next], {}));
    next = next + 1 == topics.size() ? 0 : next + 1;
  }
}

void Sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Arg(1000)->Arg(30000)->Arg(1000000);
}

BENCHMARK_CAPTURE(Match, literal, Shape::kLiteral)->Apply(Sizes);
BENCHMARK_CAPTURE(Match, below, Shape::kBelow)->Apply(Sizes);
BENCHMARK_CAPTURE(Match, plus_last, Shape::kPlusLast)->Apply(Sizes);
BENCHMARK_CAPTURE(Match, plus_middle, Shape::kPlusMiddle)->Apply(Sizes);
BENCHMARK_CAPTURE(MatchNothing, literal, Shape::kLiteral)->Apply(Sizes);
BENCHMARK_CAPTURE(MatchNothing, below, Shape::kBelow)->Apply(Sizes);
BENCHMARK(MatchOneFilterOfMany)->Apply(Sizes);
BENCHMARK_CAPTURE(AddAndRemove, literal, Shape::kLiteral)->Apply(Sizes);
BENCHMARK_CAPTURE(AddAndRemove, below, Shape::kBelow)->Apply(Sizes);
BENCHMARK_CAPTURE(Grow, literal, Shape::kLiteral)->Apply(Sizes)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Grow, below, Shape::kBelow)->Apply(Sizes)->Unit(benchmark::kMillisecond);
BENCHMARK(Check)->Arg(1000);

}  // namespace
}  // namespace esockets::broker
