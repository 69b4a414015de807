// What a topic costs to match and a subscription to come and go, from a thousand filters
// to a million. The lines to watch: time must not grow with filters that do not match (MatchBusy);
// where every topic is another one (Match), it grows by what the caches cannot hold.
//   ./dev bench //bench/micro:topic_trie_benchmark
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/topic.h"
#include "bench/micro/per_item.h"
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

// Random topics one after the other, as they come out of a receive buffer: what they cost to read
// does not hide what the index costs. So many that an index of a million filters is never in the
// caches.
class TopicStream {
 public:
  explicit TopicStream(size_t devices, std::string_view prefix = "") {
    std::mt19937 random(1);
    for (size_t i = 0; i < std::min(devices, kTopicsMax); ++i) {
      text_ += prefix;
      text_ += Topic(random() % devices);
      ends_.push_back(text_.size());
    }
  }

  std::string_view Next() {
    const std::string_view all = text_;
    const std::string_view topic = all.substr(begin_, ends_[next_] - begin_);
    begin_ = ends_[next_];
    if (++next_ == ends_.size()) {
      next_ = 0;
      begin_ = 0;
    }
    return topic;
  }

 private:
  static constexpr size_t kTopicsMax = size_t{1} << 18;

  std::string text_;
  std::vector<size_t> ends_;
  size_t next_ = 0;
  size_t begin_ = 0;
};

// Each topic must find `expected` subscribers.
void MatchAll(benchmark::State& state, const SubscriptionIndex& index, TopicStream topics,
              size_t expected) {
  std::vector<Subscriber*> matched;
  bool wrong = false;
  for (auto _ : state) {
    matched.clear();
    index.Match(topics.Next(), &matched);
    wrong |= matched.size() != expected;
  }
  if (wrong) state.SkipWithError("not the subscribers of the topic");
}

void Match(benchmark::State& state, Shape shape) {
  const auto count = static_cast<size_t>(state.range(0));
  const FilledIndex filled(shape, count);
  MatchAll(state, filled.index, TopicStream(count), 1);
  state.counters["bytes/filter"] =
      static_cast<double>(filled.index.bytes()) / static_cast<double>(count);
}

// As the router matches what it has received: several topics at once.
void MatchSideBySide(benchmark::State& state, Shape shape) {
  constexpr size_t kTopics = SubscriptionIndex::kTopicsMax;
  const auto count = static_cast<size_t>(state.range(0));
  const FilledIndex filled(shape, count);
  TopicStream stream(count);
  std::array<std::string_view, kTopics> topics;
  std::vector<Subscriber*> matched;
  std::vector<size_t> ends;
  bool wrong = false;
  for (auto _ : state) {
    for (std::string_view& topic : topics) topic = stream.Next();
    matched.clear();
    ends.clear();
    filled.index.MatchAll(topics, &matched, &ends);
    wrong |= matched.size() != kTopics || ends.back() != kTopics;
  }
  if (wrong) state.SkipWithError("not the subscribers of the topics");
  bench::ReportPerItem(state, "topic", static_cast<uint64_t>(state.iterations()) * kTopics);
}

// A thousand of the topics are busy, the other filters stand by.
void MatchBusy(benchmark::State& state, Shape shape) {
  const FilledIndex filled(shape, static_cast<size_t>(state.range(0)));
  MatchAll(state, filled.index, TopicStream(1000), 1);
}

void MatchNothing(benchmark::State& state, Shape shape) {
  const auto count = static_cast<size_t>(state.range(0));
  const FilledIndex filled(shape, count);
  MatchAll(state, filled.index, TopicStream(count, "other/"), 0);
}

void MatchOneFilterOfMany(benchmark::State& state) {
  const auto count = static_cast<size_t>(state.range(0));
  std::vector<Subscription> subscriptions(count);
  SubscriptionIndex index;
  for (Subscription& one : subscriptions) index.Add(Topic(0), &one);
  MatchAll(state, index, TopicStream(1), count);
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
  if (filled.index.filters() != count) state.SkipWithError("something stayed behind");
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
  TopicStream topics(1000);
  for (auto _ : state) {
    if (base::CheckTopic(topics.Next(), {}) != base::TopicError::kOk) {
      state.SkipWithError("refused");
    }
  }
}

void Sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Arg(1000)->Arg(10000)->Arg(100000)->Arg(1000000);
}

BENCHMARK_CAPTURE(Match, literal, Shape::kLiteral)->Apply(Sizes);
BENCHMARK_CAPTURE(Match, below, Shape::kBelow)->Apply(Sizes);
BENCHMARK_CAPTURE(Match, plus_last, Shape::kPlusLast)->Apply(Sizes);
BENCHMARK_CAPTURE(Match, plus_middle, Shape::kPlusMiddle)->Apply(Sizes);
BENCHMARK_CAPTURE(MatchSideBySide, literal, Shape::kLiteral)->Apply(Sizes);
BENCHMARK_CAPTURE(MatchSideBySide, below, Shape::kBelow)->Apply(Sizes);
BENCHMARK_CAPTURE(MatchBusy, literal, Shape::kLiteral)->Apply(Sizes);
BENCHMARK_CAPTURE(MatchBusy, below, Shape::kBelow)->Apply(Sizes);
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
