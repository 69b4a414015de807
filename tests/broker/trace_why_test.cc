#include "broker/trace_why.h"

#include <string_view>

#include "base/topic.h"
#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

TEST(TraceWhy, NamesTheLevelThatDoesNotMatch) {
  const struct {
    std::string_view filter;
    std::string_view topic;
    std::string_view why;
  } cases[] = {
      {"a", "b", R"(level 1 is "b", the filter wants "a")"},
      {"a/b/c", "a/x/c", R"(level 2 is "x", the filter wants "b")"},
      {"+/b", "x/y", R"(level 2 is "y", the filter wants "b")"},
      {"+/b/#", "x/y/z", R"(level 2 is "y", the filter wants "b")"},
      {"a", "a/b", R"(level 2 is "b", the filter ends at level 1)"},
      {"a/+", "a/b/", R"(level 3 is "", the filter ends at level 2)"},
      {"a/b", "a", R"(the topic ends at level 1, the filter wants "b" at level 2)"},
      {"a/+", "a", R"(the topic ends at level 1, the filter wants any at level 2)"},
      {"a/+/#", "a", R"(the topic ends at level 1, the filter wants any at level 2)"},
      {"$SYS/#", "a", R"(level 1 is "a", the filter wants "$SYS")"},
      {"#", "$SYS/slow", "the topic begins with $: no filter matches it that does not"},
      {"+/slow", "$SYS/slow", "the topic begins with $: no filter matches it that does not"},
      {"$SYS/+", "$OTHER/x", R"(level 1 is "$OTHER", the filter wants "$SYS")"},
  };
  for (const auto& c : cases) {
    ASSERT_FALSE(base::FilterMatches(c.filter, c.topic)) << c.filter;
    EXPECT_EQ(WhyNoMatch(c.filter, c.topic), c.why) << c.filter << " and " << c.topic;
  }
}

TEST(TraceWhy, SaysWhichSubscriptionGovernsAndWhy) {
  Subscription governing, other;
  governing.set_filter("a/#");
  governing.overflow = Overflow::kDisconnect;
  EXPECT_EQ(WhyOther(governing, other),
            R"(once is enough: through "a/#", because DISCONNECT is stricter than DROP_OLDEST)");
  other.overflow = Overflow::kDisconnect;
  EXPECT_EQ(WhyOther(governing, other),
            R"(once is enough: through "a/#", which has the same overflow)");
}

TEST(TraceWhy, GivesTheFiguresOfEachFate) {
  using What = Fate::What;
  Subscription subscription;
  subscription.max = {.messages = 50, .bytes = 900, .age_ms = 100};
  Limits limits;
  limits.backlog_bytes_max = 1'000;
  limits.backlogs_bytes_max = 2'000;
  const FateContext context{.frame_bytes = 30, .limits = limits, .now = {}};
  const Room room{
      .messages = 1, .bytes = 890, .client_memory_bytes = 970, .broker_memory_bytes = 1'990};
  Room full = room;
  full.messages = 50;
  const std::string memory =
      std::to_string(MessageSize::OfFrame(30).memory_bytes + kBacklogEntryMemoryBytes);
  const struct {
    Fate fate;
    std::string why;
  } cases[] = {
      {{.what = What::kDelivered}, "keeps up"},
      {{.what = What::kWaits, .room = room}, "1 of 50 messages waits"},
      {{.what = What::kWaits, .worthless_messages = 2, .room = full},
       "50 of 50 messages wait; 2 messages past their time"},
      {{.what = What::kReplaces, .room = full},
       "one of its topic and key waits; 50 of 50 messages wait"},
      {{.what = What::kDropsOldest,
        .shortage = Shortage::kOfSubscription,
        .dropped_messages = 1,
        .room = full},
       "50 of 50 messages wait; 1 message would be dropped"},
      {{.what = What::kRefused, .shortage = Shortage::kOfSubscription, .room = room},
       "890 of 900 bytes wait, and this one needs 30"},
      {{.what = What::kRefused, .shortage = Shortage::kOfClient, .room = room},
       "970 of 1000 bytes wait for the client, and this one needs " + memory},
      {{.what = What::kDisconnects, .shortage = Shortage::kOfBroker, .room = room},
       "1990 of 2000 bytes wait for all clients, and this one needs " + memory},
      {{.what = What::kDisconnects, .shortage = Shortage::kOfAge, .room = room},
       "the oldest has waited for 0 ms, limit 100"},
      {{.what = What::kDisconnects, .room = room}, "its connection is ending"},
  };
  for (const auto& c : cases) EXPECT_EQ(WhyFate(c.fate, subscription, context), c.why);
}

TEST(TraceWhy, OutcomesAreWordsOfTheProtocol) {
  using What = Fate::What;
  EXPECT_EQ(OutcomeText(What::kDelivered), "delivered");
  EXPECT_EQ(OutcomeText(What::kWaits), "waits");
  EXPECT_EQ(OutcomeText(What::kReplaces), "replaces");
  EXPECT_EQ(OutcomeText(What::kDropsOldest), "drops_oldest");
  EXPECT_EQ(OutcomeText(What::kRefused), "refused");
  EXPECT_EQ(OutcomeText(What::kDisconnects), "disconnects");
}

}  // namespace
}  // namespace esockets::broker
