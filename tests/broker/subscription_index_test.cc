#include "broker/subscription_index.h"

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/topic.h"
#include "broker/subscription.h"
#include "gtest/gtest.h"
#include "tests/support/allocations.h"

namespace esockets::broker {
namespace {

std::vector<std::string> Matched(const SubscriptionIndex& index, std::string_view topic) {
  std::vector<Subscriber*> matched;
  index.Match(topic, &matched);
  std::vector<std::string> filters;
  filters.reserve(matched.size());
  for (const Subscriber* one : matched) filters.emplace_back(one->filter());
  std::sort(filters.begin(), filters.end());
  return filters;
}

TEST(SubscriptionIndex, MatchesByMqttsRules) {
  SubscriptionIndex index;
  std::deque<Subscription> all;
  for (std::string_view filter :
       {"#", "+", "+/+", "/+", "/finance", "sport/tennis/player1/#", "sport/tennis/player1",
        "sport/+", "sport/#", "$SYS/#", "$SYS/monitor/+", "+/monitor/Clients", "a//b", "a/+/b"}) {
    index.Add(filter, &all.emplace_back());
  }
  const struct {
    std::string_view topic;
    std::vector<std::string> filters;
  } cases[] = {
      {"sport", {"#", "+", "sport/#"}},
      {"sport/", {"#", "+/+", "sport/#", "sport/+"}},
      {"sport/tennis/player1", {"#", "sport/#", "sport/tennis/player1", "sport/tennis/player1/#"}},
      {"sport/tennis/player1/ranking", {"#", "sport/#", "sport/tennis/player1/#"}},
      {"sport/tennis/player12", {"#", "sport/#"}},
      {"/finance", {"#", "+/+", "/+", "/finance"}},
      {"finance", {"#", "+"}},
      {"$SYS", {"$SYS/#"}},
      {"$SYS/monitor/Clients", {"$SYS/#", "$SYS/monitor/+"}},
      {"$other", {}},
      {"x/monitor/Clients", {"#", "+/monitor/Clients"}},
      {"a//b", {"#", "a/+/b", "a//b"}},
      {"a/x/b", {"#", "a/+/b"}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.topic);
    EXPECT_EQ(Matched(index, c.topic), c.filters);
  }
}

TEST(SubscriptionIndex, SubscriptionsShareTheIndexesTextOfTheFilter) {
  SubscriptionIndex index;
  Subscription first, second;
  for (std::string filter : {"room/42", "room/+/chat"}) {
    const std::string expected = filter;
    index.Add(filter, &first);
    index.Add(filter, &second);
    filter.assign(filter.size(), '!');
    EXPECT_EQ(first.filter(), expected);
    EXPECT_EQ(first.filter().data(), second.filter().data());
    EXPECT_EQ(index.filters(), 1u);
    EXPECT_EQ(index.subscribers(), 2u);
    index.Remove(&first);
    EXPECT_TRUE(first.filter().empty());
    EXPECT_EQ(second.filter(), expected);
    index.Remove(&second);
    EXPECT_EQ(index.filters(), 0u);
  }
}

TEST(SubscriptionIndexDeathTest, RefusesToAddTwiceAndToRemoveWhatIsNotIn) {
  SubscriptionIndex index, other;
  Subscription one, two;
  index.Add("a", &one);
  EXPECT_DEATH(index.Add("a", &one), "filter\\(\\).empty");
  EXPECT_DEATH(index.Add("b", &one), "filter\\(\\).empty");
  EXPECT_DEATH(index.Remove(&two), "from != nullptr");
  other.Add("a", &two);
  EXPECT_DEATH(index.Remove(&two), "Contains");
}

TEST(SubscriptionIndex, VersionChangesWithEveryAddAndRemoveAndNothingElse) {
  SubscriptionIndex index;
  Subscription one;
  const uint64_t before = index.version();
  index.Add("a", &one);
  const uint64_t added = index.version();
  EXPECT_NE(added, before);
  Matched(index, "a");
  EXPECT_EQ(index.version(), added);
  index.Remove(&one);
  EXPECT_NE(index.version(), added);
  EXPECT_NE(index.version(), before);
}

TEST(SubscriptionIndex, MatchAppendsAndAllocatesNothing) {
  SubscriptionIndex index;
  std::deque<Subscription> all;
  for (int i = 0; i < 1000; ++i) {
    const std::string room = "room/" + std::to_string(i % 100);
    index.Add(i % 3 == 0 ? room : i % 3 == 1 ? room + "/#" : "+/+", &all.emplace_back());
  }
  std::vector<Subscriber*> matched;
  matched.reserve(2000);
  Subscription* const kept = &all.front();
  matched.push_back(kept);
  index.Match("room/7", &matched);  // its own lists grow once
  matched.resize(1);
  const uint64_t before = tests::Allocations();
  index.Match("room/7", &matched);
  index.Match("nowhere/at/all/that/is/subscribed", &matched);
  EXPECT_EQ(tests::Allocations(), before);
  EXPECT_EQ(matched.front(), kept);
  EXPECT_EQ(matched.size(), 1u + 4 + 3 + 333);
}

// What an idle client with an inbox of its own costs here.
TEST(SubscriptionIndex, ALiteralFilterWithOneSubscriptionIsCheap) {
  constexpr int kFilters = 9000;
  SubscriptionIndex index;
  std::vector<Subscription> all(kFilters);
  std::vector<std::string> filters;
  filters.reserve(kFilters);
  for (int i = 0; i < kFilters; ++i) filters.push_back("device/" + std::to_string(100000 + i));
  const int64_t before = tests::LiveBytes();
  for (int i = 0; i < kFilters; ++i) index.Add(filters[i], &all[i]);
  const int64_t each = (tests::LiveBytes() - before) / kFilters;
  RecordProperty("bytes_per_literal_filter", static_cast<int>(each));
  EXPECT_GT(each, 0);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LE(each, 80);
#endif
  EXPECT_LE(index.bytes(), 80u * kFilters);
  for (Subscription& one : all) index.Remove(&one);
  EXPECT_LE(tests::LiveBytes() - before, 16 * 1024);
}

class RandomFilters {
 public:
  explicit RandomFilters(unsigned seed) : random_(seed) {}

  size_t Below(size_t limit) { return random_() % limit; }
  std::string Topic() { return Make({"a", "b", "c", "", "$d"}); }
  std::string Filter() {
    std::string filter = Make({"a", "b", "c", "", "$d", "+", "+"});
    if (Below(4) == 0) filter += "/#";
    return Below(50) == 0 ? "#" : filter;
  }

 private:
  // Never empty, as no topic is.
  std::string Make(const std::vector<std::string>& words) {
    std::string made = words[Below(words.size())];
    for (size_t more = Below(4); more > 0; --more) made += "/" + words[Below(words.size())];
    return made.empty() ? "/" : made;
  }

  std::mt19937 random_;
};

void ExpectMatchesAll(const SubscriptionIndex& index, const std::deque<Subscription>& all,
                      std::string_view topic) {
  std::vector<const Subscriber*> expected;
  for (const Subscription& one : all) {
    if (!one.filter().empty() && base::FilterMatches(one.filter(), topic)) expected.push_back(&one);
  }
  std::vector<Subscriber*> matched;
  index.Match(topic, &matched);
  std::vector<const Subscriber*> found(matched.begin(), matched.end());
  std::sort(found.begin(), found.end());
  std::sort(expected.begin(), expected.end());
  ASSERT_EQ(found, expected) << topic;
}

// Side by side is the same as one after the other.
void ExpectSideBySide(const SubscriptionIndex& index, RandomFilters& random) {
  std::vector<std::string> texts(random.Below(SubscriptionIndex::kTopicsMax + 1));
  for (std::string& text : texts) text = random.Topic();
  const std::vector<std::string_view> topics(texts.begin(), texts.end());
  std::vector<Subscriber*> matched;
  std::vector<size_t> ends;
  index.MatchAll(topics, &matched, &ends);
  ASSERT_EQ(ends.size(), topics.size());
  size_t begin = 0;
  for (size_t i = 0; i < topics.size(); begin = ends[i++]) {
    std::vector<Subscriber*> alone;
    index.Match(topics[i], &alone);
    std::vector<Subscriber*> beside(matched.begin() + static_cast<std::ptrdiff_t>(begin),
                                    matched.begin() + static_cast<std::ptrdiff_t>(ends[i]));
    std::sort(alone.begin(), alone.end());
    std::sort(beside.begin(), beside.end());
    ASSERT_EQ(beside, alone) << topics[i];
  }
  ASSERT_EQ(begin, matched.size());
}

TEST(SubscriptionIndex, AgreesWithFilterMatchesUnderChurnAndEndsEmpty) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  RandomFilters random(seed);
  SubscriptionIndex index;
  std::deque<Subscription> all(300);
  std::map<std::string, size_t> filters;
  const size_t unused_bytes = index.bytes();
  auto remove = [&](Subscription& one) {
    const auto at = filters.find(std::string(one.filter()));
    index.Remove(&one);
    if (--at->second == 0) filters.erase(at);
  };
  for (int step = 0; step < 20000; ++step) {
    Subscription& one = all[random.Below(all.size())];
    if (one.filter().empty()) {
      const std::string filter = random.Filter();
      ASSERT_EQ(base::CheckFilter(filter, {}), base::TopicError::kOk) << filter;
      index.Add(filter, &one);
      ++filters[filter];
    } else {
      remove(one);
    }
    ASSERT_EQ(index.filters(), filters.size());
    if (step % 4 != 0) continue;
    ASSERT_NO_FATAL_FAILURE(ExpectMatchesAll(index, all, random.Topic()));
    ASSERT_NO_FATAL_FAILURE(ExpectSideBySide(index, random));
  }
  for (Subscription& one : all) {
    if (!one.filter().empty()) remove(one);
  }
  EXPECT_EQ(index.filters(), 0u);
  EXPECT_EQ(index.subscribers(), 0u);
  EXPECT_LE(index.bytes(), unused_bytes + size_t{2} * 64 * 8 * 9);  // the tables' smallest sizes
}

TEST(SubscriptionIndex, FreesEverythingWithSubscriptionsStillIn) {
  std::deque<Subscription> all(100);
  const int64_t before = tests::LiveAllocations();
  {
    SubscriptionIndex index;
    RandomFilters random(1);
    for (Subscription& one : all) index.Add(random.Filter(), &one);
  }
  EXPECT_EQ(tests::LiveAllocations(), before);
}

}  // namespace
}  // namespace esockets::broker
