#include "broker/memory_store.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/topic.h"
#include "gtest/gtest.h"
#include "proto/frame_delimiter.h"
#include "proto/message_view.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/published.h"
#include "tests/support/sim_executor.h"

namespace esockets::broker {
namespace {

using std::chrono::milliseconds;
using Numbers = std::vector<uint64_t>;

class MemoryStoreTest : public testing::Test {
 protected:
  MemoryStoreTest() { tests::PretendOnLoop(); }

  void Open(const StreamLimits& limits, Stamps stamps = {}) {
    store_.emplace(limits, stamps, &executor_.clock());
  }
  Messages Append(std::string_view topic, std::string_view payload, uint32_t ttl_ms = 0) {
    tests::PretendOnLoop();
    published_.emplace_back(topic, payload, "", ttl_ms);
    return store_->Append(published_.back().messages());
  }
  void AddOf(ClassNumber publisher_class, std::string_view topic, std::string_view payload = "x") {
    tests::PretendOnLoop();
    published_.emplace_back(topic, payload);
    Messages messages = published_.back().messages();
    messages.publisher_class = publisher_class;
    store_->Append(messages);
    store_->Retain();
  }
  void Add(std::string_view topic, std::string_view payload, uint32_t ttl_ms = 0) {
    tests::PretendOnLoop();
    Append(topic, payload, ttl_ms);
    store_->Retain();
  }
  StoredPage Read(const StoreRead& read) {
    tests::PretendOnLoop();
    StoreRead asked = read;
    asked.now = executor_.clock().Now();
    if (asked.bytes_max == 0) asked.bytes_max = 1 << 20;
    if (asked.looks_max == 0) asked.looks_max = 1 << 20;
    return store_->Read(asked);
  }
  StoredPage ReadAll(std::string_view filter = "") { return Read({.from = {}, .filter = filter}); }
  void Pass(base::Duration time) { executor_.Advance(time); }

  static std::vector<proto::MessageView> Views(const base::FrameSequence& frames) {
    std::vector<proto::MessageView> views;
    for (base::FrameSequence rest = frames; !rest.empty(); rest.RemoveFirst(1)) {
      std::string_view body;
      size_t consumed = 0;
      size_t needed = 0;
      EXPECT_EQ(proto::CutFrame(rest.front(), 1 << 30, &body, &consumed, &needed),
                proto::CutResult::kFrame);
      EXPECT_TRUE(proto::DecodeMessage(body, &views.emplace_back()));
    }
    return views;
  }
  static Numbers Positions(const StoredPage& page) {
    Numbers positions;
    for (const auto& view : Views(page.frames())) positions.push_back(view.position);
    return positions;
  }

  tests::SimExecutor executor_;
  std::optional<MemoryStore> store_;
  std::deque<tests::Published> published_;
};

TEST_F(MemoryStoreTest, ATopicIsRemoved) {
  Open({.messages_per_topic_max = 2});
  for (const char* topic : {"a", "b", "a", "b", "c"}) Add(topic, "x");
  EXPECT_EQ(store_->topics(), 3u);
  EXPECT_EQ(store_->BytesOf("a"), 2 * *store_->BytesOf("c"));
  store_->Remove("a");
  store_->Remove("d");
  EXPECT_EQ(store_->topics(), 2u);
  EXPECT_EQ(store_->BytesOf("a"), std::nullopt);
  EXPECT_EQ(store_->bytes(), store_->figures().bytes);
  const StoredPage page = ReadAll();
  EXPECT_EQ(Positions(page), (Numbers{2, 4, 5}));
  EXPECT_TRUE(page.hole.empty());
  Add("a", "x");
  EXPECT_EQ(Positions(ReadAll("a")), Numbers{6});
}

TEST_F(MemoryStoreTest, ReadsUpToAPosition) {
  Open({});
  for (int i = 0; i < 5; ++i) Add("a", "x");
  const StoredPage page = Read({.from = {.after = 1}, .filter = "", .to = 3});
  EXPECT_EQ(Positions(page), (Numbers{2, 3}));
  EXPECT_TRUE(page.at_head);
}

// Without a look at those of other topics.
TEST_F(MemoryStoreTest, FindsTheMessagesOfOneTopic) {
  Open({.messages_per_topic_max = 3});
  for (int i = 0; i < 100; ++i) Add(i % 10 == 0 ? "rare" : "other", "x");
  const StoredPage first =
      Read({.from = {.after = 70}, .filter = "rare", .bytes_max = 1, .looks_max = 1});
  EXPECT_EQ(Positions(first), Numbers{71});
  EXPECT_FALSE(first.at_head);
  const StoredPage rest = Read({.from = {.after = first.next}, .filter = "rare"});
  EXPECT_EQ(Positions(rest), (Numbers{81, 91}));
  EXPECT_TRUE(rest.at_head);
  EXPECT_EQ(rest.next, 100u);
  EXPECT_EQ(Positions(Read({.from = {}, .filter = "rare", .to = 85})), (Numbers{71, 81}));
  EXPECT_TRUE(Read({.from = {}, .filter = "none"}).at_head);
}

TEST_F(MemoryStoreTest, NumbersWhatItKeepsAndReturnsItAsItIsStored) {
  Open({});
  const tests::Published two("a/b", {"one", "two"}, 42);
  const Messages stored = store_->Append(two.messages());
  EXPECT_TRUE(stored.stamped);
  EXPECT_EQ(stored.topic, "a/b");
  EXPECT_GE(stored.topic.data(), stored.frames.view().data());
  const auto views = Views(stored.frames);
  ASSERT_EQ(views.size(), 2U);
  EXPECT_EQ(views[0].payload, "one");
  EXPECT_EQ(views[0].position, 1U);
  EXPECT_EQ(views[1].position, 2U);
  EXPECT_EQ(views[1].publisher, 0U);
}

TEST_F(MemoryStoreTest, StampsWhereThatIsConfigured) {
  Open({}, {.time = true, .publisher = true});
  const tests::Published one("a", {"one"}, 42);
  const auto views = Views(store_->Append(one.messages()).frames);
  EXPECT_EQ(views[0].publisher, 42U);
  EXPECT_EQ(static_cast<int64_t>(views[0].time_us), executor_.clock().WallMicros());
}

TEST_F(MemoryStoreTest, WhatMatchesIsReadInOrderFromWhereItIsAskedFor) {
  Open({});
  for (const char* topic : {"a", "b", "a", "b/c", "a"}) Add(topic, "x");
  EXPECT_EQ(Positions(ReadAll()), (Numbers{1, 2, 3, 4, 5}));
  EXPECT_EQ(Positions(ReadAll("a")), (Numbers{1, 3, 5}));
  EXPECT_EQ(Positions(ReadAll("b/#")), (Numbers{2, 4}));
  const StoredPage rest = Read({.from = {.after = 3}, .filter = "a"});
  EXPECT_EQ(Positions(rest), Numbers{5});
  EXPECT_EQ(rest.next, 5U);
  EXPECT_TRUE(rest.at_head);
  const StoredPage nothing = ReadAll("c");
  EXPECT_TRUE(nothing.frames().empty());
  EXPECT_EQ(nothing.next, 5U);
  EXPECT_TRUE(nothing.at_head && nothing.hole.empty());
}

TEST_F(MemoryStoreTest, APageIsBoundedInBytesAndInLooks) {
  Open({});
  for (int i = 0; i < 100; ++i) Add(i % 10 == 0 ? "rare" : "a", std::string(100, 'x'));
  const StoredPage page = Read({.from = {}, .filter = "", .bytes_max = 500});
  EXPECT_EQ(Positions(page), (Numbers{1, 2, 3, 4}));
  EXPECT_EQ(page.next, 4U);
  EXPECT_FALSE(page.at_head);
  const StoredPage looked = Read({.from = {}, .filter = "rare", .looks_max = 25});
  EXPECT_EQ(Positions(looked), (Numbers{1, 11, 21}));
  EXPECT_EQ(looked.next, 25U);
  EXPECT_FALSE(looked.at_head);
  Add("a", std::string(1000, 'x'));
  EXPECT_EQ(Positions(Read({.from = {.after = 100}, .filter = "", .bytes_max = 500})), Numbers{101})
      << "one may be longer";
}

// Where they lie, and still there when the store has let go of them.
TEST_F(MemoryStoreTest, APageOfAllMessagesIsNoCopyAndOutlivesThem) {
  Open({.messages_max = 3});
  const Messages stored = Append("a", "one");
  const StoredPage page = ReadAll();
  EXPECT_EQ(page.frames().view().data(), stored.frames.view().data());
  for (int i = 0; i < 10; ++i) Add("a", std::string(1000, 'x'));
  store_.reset();
  EXPECT_EQ(Views(page.frames())[0].payload, "one");
}

TEST_F(MemoryStoreTest, TheOldestGoWhenThereAreTooMany) {
  Open({.messages_max = 3});
  for (int i = 0; i < 5; ++i) Add("a", "x");
  const StoredPage page = ReadAll();
  EXPECT_EQ(Positions(page), (Numbers{3, 4, 5}));
  EXPECT_EQ(page.hole.from, 1U);
  EXPECT_EQ(page.hole.to, 2U);
  EXPECT_EQ(page.hole.messages, 2U);
  EXPECT_TRUE(Read({.from = {.after = 1, .gone_told = 2}}).hole.empty());
  EXPECT_TRUE(Read({.from = {.after = 2}}).hole.empty());
  EXPECT_EQ(store_->figures().first, 3U);
  EXPECT_EQ(store_->figures().last, 5U);
  EXPECT_EQ(store_->figures().messages, 3U);
}

TEST_F(MemoryStoreTest, TheOldestGoWhenTheyAreTooLargeOrTooOld) {
  Open({.bytes_max = 1000});
  for (int i = 0; i < 50; ++i) Add("a", std::string(100, 'x'));
  const uint64_t kept = store_->figures().messages;
  EXPECT_GE(kept, 5U);
  EXPECT_LE(kept, 8U);
  Add("a", std::string(5000, 'x'));
  EXPECT_EQ(store_->figures().messages, 0U) << "it never fits, but it was published";
  EXPECT_EQ(store_->figures().last, 51U);
  Add("a", "x");
  EXPECT_EQ(Positions(ReadAll()), Numbers{52});

  Open({.age_max = milliseconds(100)});
  EXPECT_EQ(store_->figures().oldest, std::nullopt);
  Add("a", "x");
  Pass(milliseconds(60));
  Add("a", "x");
  EXPECT_EQ(store_->figures().oldest, executor_.clock().Now() - milliseconds(60));
  Pass(milliseconds(40));
  store_->Retain();
  EXPECT_EQ(Positions(ReadAll()), Numbers{2});
  EXPECT_EQ(store_->figures().oldest, executor_.clock().Now() - milliseconds(40));
}

TEST_F(MemoryStoreTest, OfEachTopicTheLastOnesAreKept) {
  Open({.messages_per_topic_max = 2});
  for (int i = 0; i < 1000; ++i) Add(i == 7 ? "rare" : i % 2 == 0 ? "a" : "b", "x");
  EXPECT_EQ(Positions(ReadAll()), (Numbers{8, 997, 998, 999, 1000}));
  const StoreFigures figures = store_->figures();
  EXPECT_EQ(figures.messages, 5U);
  EXPECT_EQ(figures.topics, 3U);
  EXPECT_EQ(figures.first, 8U);
  EXPECT_LE(figures.memory_bytes, 100'000U);  // a chunk that is not full

  const StoredPage of_rare = Read({.from = {.after = 7}, .filter = "rare"});
  EXPECT_TRUE(of_rare.hole.empty()) << "of this topic nothing has gone";
  const StoredPage of_a = Read({.from = {.after = 990}, .filter = "a"});
  EXPECT_EQ(Positions(of_a), (Numbers{997, 999}));
  EXPECT_EQ(of_a.hole.from, 991U);
  EXPECT_EQ(of_a.hole.to, 995U);
  EXPECT_EQ(of_a.hole.messages, 5U);
}

TEST_F(MemoryStoreTest, OfAClassWithTooMuchTheOldestGoAndNobodyElses) {
  Open({.messages_max = 8});
  store_->LimitShares({{}, {.messages_max = 2}});
  for (int i = 0; i < 3; ++i) AddOf(1, "guests"), AddOf(2, "members");
  EXPECT_EQ(Positions(ReadAll()), (Numbers{2, 3, 4, 5, 6}));
  tests::PretendOnLoop();
  EXPECT_EQ(store_->ShareOf(1).messages, 2U);
  EXPECT_EQ(store_->ShareOf(1).retired_total, 1U);
  EXPECT_EQ(store_->ShareOf(2).messages, 3U);
  EXPECT_EQ(store_->figures().messages, 5U);
  EXPECT_EQ(store_->figures().first, 2U);
  for (int i = 0; i < 9; ++i) AddOf(1, "guests");
  EXPECT_EQ(Positions(ReadAll()), (Numbers{2, 4, 6, 14, 15}));
  store_->LimitShares({{}, {}, {.messages_max = 1}});
  EXPECT_EQ(Positions(ReadAll()), (Numbers{6, 14, 15})) << "at once";
  for (int i = 0; i < 9; ++i) AddOf(1, "guests");
  EXPECT_EQ(Positions(ReadAll()).size(), 8U) << "the class has no limit any more";
}

TEST_F(MemoryStoreTest, AClassHasSoManyBytes) {
  Open({});
  AddOf(1, "a", std::string(1000, 'x'));
  tests::PretendOnLoop();
  const uint64_t one = store_->ShareOf(1).bytes;
  EXPECT_EQ(one, store_->bytes() + kKeptEntryBytes);
  store_->LimitShares({{}, {.bytes_max = 2 * one + 8}});  // positions grow longer
  for (int i = 0; i < 200; ++i) {
    AddOf(1, "a", std::string(1000, 'x'));
    AddOf(0, "b", std::string(1000, 'x'));
  }
  EXPECT_EQ(Positions(ReadAll("a")), (Numbers{398, 400}));
  tests::PretendOnLoop();
  EXPECT_EQ(store_->ShareOf(0).messages, 200U);
  EXPECT_LE(store_->figures().memory_bytes, 202 * one + (128 << 10)) << "chunks are compacted";
}

// Whoever reads is told of what goes while it reads, once, and of nothing that was gone before.
TEST_F(MemoryStoreTest, WhatAClassLosesWhileSomebodyReadsIsTold) {
  Open({});
  store_->LimitShares({{}, {.messages_max = 2}});
  for (int i = 0; i < 4; ++i) AddOf(1, "guests"), AddOf(2, "members");
  tests::PretendOnLoop();
  EXPECT_FALSE(store_->HasAllBehind(0, "guests"));
  EXPECT_TRUE(store_->HasAllBehind(0, "members"));
  EXPECT_TRUE(store_->HasAllBehind(3, ""));
  const ReadPosition begin = store_->Begin(0);
  EXPECT_TRUE(Read({.from = begin, .filter = ""}).hole.empty());
  AddOf(1, "guests");  // 5 goes
  StoredPage page = Read({.from = begin, .filter = ""});
  EXPECT_EQ(page.hole.from, 4U) << "behind 3, which was gone before";
  EXPECT_EQ(page.hole.to, 5U);
  EXPECT_EQ(page.hole.messages, 1U);
  EXPECT_TRUE(Read({.from = begin, .filter = "members"}).hole.empty());
  EXPECT_TRUE(Read({.from = page.told, .filter = ""}).hole.empty()) << "once";
  AddOf(1, "guests");  // 7 goes
  page = Read({.from = page.told, .filter = ""});
  EXPECT_EQ(page.hole.from, 6U);
  EXPECT_EQ(page.hole.to, 7U);
  EXPECT_EQ(page.hole.messages, 1U);
  ReadPosition ahead = store_->Begin(8);
  AddOf(1, "guests");  // 9 goes
  EXPECT_EQ(Read({.from = ahead, .filter = ""}).hole.messages, 1U);
  ahead.after = 9;
  EXPECT_TRUE(Read({.from = ahead, .filter = ""}).hole.empty()) << "it has read that";
}

// Two classes lose theirs in an order of their own: none of it is passed over.
TEST_F(MemoryStoreTest, WhatIsLostInFrontOfWhatWasToldIsToldToo) {
  Open({});
  store_->LimitShares({{}, {.messages_max = 1}, {.messages_max = 1}});
  AddOf(2, "b");
  for (int i = 0; i < 2; ++i) AddOf(1, "a");
  tests::PretendOnLoop();
  ReadPosition from = store_->Begin(0);  // 2 has gone
  AddOf(2, "b");                         // 1 goes, in front of it
  const StoredPage page = Read({.from = from, .filter = "b"});
  EXPECT_EQ(page.hole.from, 1U);
  EXPECT_GE(page.hole.to, 1U);
  EXPECT_FALSE(page.hole.empty());
  EXPECT_TRUE(Read({.from = page.told, .filter = "b"}).hole.empty());
}

// A hole that was told far ahead says nothing of what the retention takes later.
TEST_F(MemoryStoreTest, WhatWasThinnedAheadHidesNoRetention) {
  Open({.messages_max = 6, .messages_per_topic_max = 2});
  Add("slow", "x");
  Add("slow", "x");
  for (int i = 0; i < 4; ++i) Add("busy", "x");
  const StoredPage page = Read({.from = {}, .filter = ""});
  EXPECT_EQ(page.hole.to, 4U);
  for (const char* topic : {"c", "d", "e", "f"}) Add(topic, "x");
  tests::PretendOnLoop();
  EXPECT_EQ(store_->gone_to(), 2U);
  EXPECT_EQ(Read({.from = page.told, .filter = ""}).hole.to, 2U);
}

TEST_F(MemoryStoreTest, SaysWhereToBeginForATimeAndForTheLastOnes) {
  Open({});
  const int64_t begin_us = executor_.clock().WallMicros();
  for (const char* topic : {"a", "b", "a", "b", "a"}) {
    Add(topic, "x");
    Pass(milliseconds(10));
  }
  EXPECT_EQ(store_->BeforeTime(0), 0U);
  EXPECT_EQ(store_->BeforeTime(begin_us + 15'000), 2U);
  EXPECT_EQ(store_->BeforeTime(begin_us + 20'000), 2U);
  EXPECT_EQ(store_->BeforeTime(begin_us + 100'000), 5U);
  EXPECT_EQ(store_->BeforeLast(2, ""), 3U);
  EXPECT_EQ(store_->BeforeLast(2, "a"), 2U);
  EXPECT_EQ(store_->BeforeLast(100, "a"), 0U);
  EXPECT_EQ(store_->BeforeLast(0, "a"), 5U);
  EXPECT_EQ(
      Positions(Read({.from = {}, .filter = "", .last_of_each_topic = 1, .last_of_each_until = 5})),
      (Numbers{4, 5}));
  EXPECT_EQ(Positions(Read(
                {.from = {}, .filter = "+", .last_of_each_topic = 2, .last_of_each_until = 5})),
            (Numbers{2, 3, 4, 5}));
}

// A message a day, for longer than 32 bits of milliseconds.
TEST_F(MemoryStoreTest, AQuietStreamKeepsTheTimeToo) {
  Open({.age_max = std::chrono::hours(24 * 80)});
  const int64_t begin_us = executor_.clock().WallMicros();
  for (int day = 0; day < 100; ++day) {
    Add("a", "x");
    Pass(std::chrono::hours(24));
  }
  store_->Retain();
  EXPECT_EQ(store_->gone_to(), 21U);
  EXPECT_EQ(store_->BeforeTime(begin_us + int64_t{90} * 24 * 3'600'000'000), 90U);
}

TEST_F(MemoryStoreTest, WhatIsPastItsTimeIsNotReadAnyMore) {
  Open({});
  Add("a", "x", 50);
  Add("a", "x");
  EXPECT_EQ(Positions(ReadAll()), (Numbers{1, 2}));
  Pass(milliseconds(50));
  EXPECT_EQ(Positions(ReadAll()), Numbers{2});
}

TEST_F(MemoryStoreTest, AMessageTakes48BytesBesideItsFrame) {
  Open({.messages_max = 1'000'000, .bytes_max = 1 << 30});
  const std::string payload(128, 'x');
  for (int i = 0; i < 100'000; ++i) {
    published_.clear();
    Add(i % 100 == 0 ? "telemetry/truck-1/position" : "telemetry/truck-2/position", payload);
  }
  const StoreFigures figures = store_->figures();
  EXPECT_LE(figures.memory_bytes, figures.bytes + 48 * figures.messages);
}

// --- against a store that does it the simple way
// ---------------------------------------------------

struct Naive {
  struct Kept {
    uint64_t position;
    std::string topic;
    base::TimePoint time;
    ClassNumber publisher_class = 0;
  };
  std::deque<Kept> kept;
  std::vector<std::string> topics;  // by position, from 1 on
  bool forgets = false;             // of some topic nothing was left
  uint64_t last = 0;

  bool IsKept(uint64_t position) const {
    return std::ranges::any_of(kept, [&](const Kept& one) { return one.position == position; });
  }
  bool IsKept(const std::string& topic) const {
    return std::ranges::any_of(kept, [&](const Kept& one) { return one.topic == topic; });
  }
  // Of those that match and are behind it, the last one that has gone. 0: none has.
  uint64_t LostBehind(uint64_t position, const std::string& filter) const {
    uint64_t lost = last;
    while (lost > position && (IsKept(lost) || !Matches(filter, topics[lost - 1]))) --lost;
    return lost > position ? lost : 0;
  }
  uint64_t MissingBetween(uint64_t after, uint64_t to) const {
    uint64_t missing = 0;
    for (uint64_t position = after + 1; position <= to; ++position) missing += !IsKept(position);
    return missing;
  }
  static bool Matches(const std::string& filter, const std::string& topic) {
    return filter.empty() || base::FilterMatches(filter, topic);
  }
};

void ExpectHole(const StreamHole& hole, const Naive& naive, uint64_t after, uint64_t gone_to,
                const std::string& filter) {
  // What the retention let go of is told whether it matches or not.
  const uint64_t lost = std::max(gone_to > after ? gone_to : 0, naive.LostBehind(after, filter));
  const uint64_t told = hole.empty() ? 0 : hole.to;
  // Of what was thinned of a topic that is forgotten, nobody knows whether it matches.
  ASSERT_TRUE(told == lost || (naive.forgets && told > lost)) << told << ", lost " << lost;
  if (hole.empty()) return;
  ASSERT_EQ(hole.from, after + 1);
  ASSERT_EQ(hole.messages, naive.MissingBetween(after, hole.to));
}

TEST_F(MemoryStoreTest, KeepsWhatTheSimpleWayKeeps) {
  const std::vector<std::string> topics = {"a", "b", "a/b", "a/c", "b/c"};
  const std::vector<std::string> filters = {"", "a", "a/b", "a/+", "a/#", "+", "b/x"};
  std::mt19937_64 random(1);
  const auto below = [&random](uint64_t end) { return random() % end; };
  for (int life = 0; life < 200; ++life) {
    StreamLimits limits{.messages_max = 1 + below(60), .bytes_max = 1 << 20};
    if (below(2) == 0) limits.messages_per_topic_max = static_cast<uint32_t>(1 + below(5));
    if (below(2) == 0) limits.age_max = milliseconds(1 + below(50));
    Open(limits);
    std::vector<ShareLimits> shares(4);
    for (size_t i = 1; i < 4 && below(2) == 0; ++i) shares[i].messages_max = 1 + below(20);
    tests::PretendOnLoop();
    store_->LimitShares(shares);
    Naive naive;
    for (int step = 0; step < 150; ++step) {
      if (below(3) == 0) Pass(milliseconds(below(10)));
      const std::string& topic = topics[below(topics.size())];
      published_.clear();
      const auto publisher_class = static_cast<ClassNumber>(below(4));
      AddOf(publisher_class, topic, std::string(below(3000), 'x'));
      naive.kept.push_back({++naive.last, topic, executor_.clock().Now(), publisher_class});
      naive.topics.push_back(topic);
      if (limits.messages_per_topic_max != 0) {
        size_t newer = 0;
        for (auto one = naive.kept.rbegin(); one != naive.kept.rend();) {
          const bool thin = one->topic == topic && newer++ >= limits.messages_per_topic_max;
          one = thin ? std::make_reverse_iterator(naive.kept.erase(std::next(one).base())) : ++one;
        }
      }
      const auto is_theirs = [&](const Naive::Kept& one) {
        return one.publisher_class == publisher_class;
      };
      const uint64_t share = shares[publisher_class].messages_max;
      while (share != 0 &&
             static_cast<uint64_t>(std::ranges::count_if(naive.kept, is_theirs)) > share) {
        const auto oldest = std::ranges::find_if(naive.kept, is_theirs);
        const std::string gone = oldest->topic;
        naive.kept.erase(oldest);
        naive.forgets |= !naive.IsKept(gone);
      }
      const auto over = [&] {
        return naive.kept.size() > limits.messages_max ||
               (limits.age_max != base::Duration::zero() && !naive.kept.empty() &&
                executor_.clock().Now() - naive.kept.front().time >= limits.age_max);
      };
      while (over()) {
        const std::string gone = naive.kept.front().topic;
        naive.kept.pop_front();
        naive.forgets |= !naive.IsKept(gone);
      }

      const std::string& filter = filters[below(filters.size())];
      const uint64_t after = below(naive.last + 1);
      Numbers expected;
      for (const auto& one : naive.kept) {
        if (one.position > after && Naive::Matches(filter, one.topic)) {
          expected.push_back(one.position);
        }
      }
      Numbers read;
      StoredPage page;
      ReadPosition from{.after = after};
      do {
        page = Read({.from = from,
                     .filter = filter,
                     .bytes_max = static_cast<uint32_t>(1 + below(9000)),
                     .looks_max = static_cast<uint32_t>(1 + below(30))});
        tests::PretendOnLoop();
        ExpectHole(page.hole, naive, from.after, store_->gone_to(), filter);
        if (HasFatalFailure()) FAIL() << "life " << life << ", filter " << filter;
        const Numbers more = Positions(page);
        read.insert(read.end(), more.begin(), more.end());
        ASSERT_TRUE(page.at_head || page.next > from.after);
        from.after = page.next;
      } while (!page.at_head);
      ASSERT_EQ(read, expected) << "life " << life << ", filter " << filter;
      ASSERT_EQ(store_->figures().messages, naive.kept.size());
      ASSERT_EQ(store_->ShareOf(publisher_class).messages,
                std::ranges::count_if(naive.kept, is_theirs));
    }
  }
}

}  // namespace
}  // namespace esockets::broker
