#include "broker/stream_rules.h"

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

TEST(StreamRules, FindsTheStreamOfATopicAndAroundAFilter) {
  const StreamRules rules(
      {{.name = "chat", .filter = "chat/#", .limits = {}, .message_ids = {}},
       {.name = "state", .filter = "+/state", .limits = {}, .message_ids = {}}});
  EXPECT_EQ(rules.OfTopic("chat/1"), 0U);
  EXPECT_EQ(rules.OfTopic("chat"), 0U);
  EXPECT_EQ(rules.OfTopic("truck/state"), 1U);
  EXPECT_EQ(rules.OfTopic("truck"), std::nullopt);
  EXPECT_EQ(rules.Around("chat/+/log"), 0U);
  EXPECT_EQ(rules.Around("truck/state"), 1U);
  EXPECT_EQ(rules.Around("+/state"), 1U);
  EXPECT_EQ(rules.Around("+/+"), std::nullopt);
  EXPECT_EQ(rules.Around("#"), std::nullopt);
  EXPECT_FALSE(rules.empty());
  EXPECT_EQ(rules.Named("state"), 1U);
  EXPECT_EQ(rules.Named("+/state"), std::nullopt);
}

TEST(StreamRules, FindsTheLastValuesThatAFilterMatches) {
  const StreamRules rules({{.name = "chat", .filter = "chat/#", .limits = {}, .message_ids = {}},
                           {.name = "a", .filter = "+/state", .last_values = LastValueLimits()},
                           {.name = "b", .filter = "+/+/state", .last_values = LastValueLimits()}});
  using Indices = std::vector<uint32_t>;
  EXPECT_EQ(rules.LastValuesOf("#"), (Indices{1, 2}));
  EXPECT_EQ(rules.LastValuesOf("truck/state"), Indices{1});
  EXPECT_EQ(rules.LastValuesOf("truck/+/+"), Indices{2});
  EXPECT_EQ(rules.LastValuesOf("chat/1/2/3"), Indices{});
  EXPECT_EQ(rules.OfTopic("truck/state"), 1U);
  EXPECT_EQ(rules.Around("truck/state"), std::nullopt);
}

TEST(StreamRules, WhoReadsAllOfAStreamComparesNoTopics) {
  const StreamRules rules({{.name = "a", .filter = "+/state", .limits = {}, .message_ids = {}}});
  for (const char* all : {"#", "+/state", "+/+", "+/#"}) EXPECT_EQ(rules.FilterWithin(0, all), "");
  for (const char* some : {"truck/state", "truck/#", "+"}) {
    EXPECT_EQ(rules.FilterWithin(0, some), some);
  }
}

TEST(StreamRules, WithoutStreamsThereIsNone) {
  const StreamRules rules({});
  EXPECT_TRUE(rules.empty());
  EXPECT_EQ(rules.OfTopic("a"), std::nullopt);
  EXPECT_EQ(rules.Around("a"), std::nullopt);
}

}  // namespace
}  // namespace esockets::broker
