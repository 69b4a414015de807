#include "app/plan_streams.h"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.h"
#include "base/strings.h"
#include "gtest/gtest.h"

namespace esockets::app {
namespace {

using std::chrono::milliseconds;

absl::StatusOr<std::vector<broker::StreamRule>> Planned(std::string_view text) {
  const absl::StatusOr<LoadedConfig> loaded = ParseConfig(std::string(text), "b.textproto");
  if (!loaded.ok()) return loaded.status();
  return PlanStreams(loaded->config, loaded->places, {});
}

TEST(PlanStreams, TakesEveryField) {
  const auto rules = Planned(R"(
      stream {
        name: "chat" filter: "chat/#" max_messages: 1 max_bytes: 2000 max_age_ms: 3
        max_per_topic: 4 message_id_window_ms: 5 message_ids_max: 6
      }
      stream { name: "state" filter: "fleet/+/state" })");
  ASSERT_TRUE(rules.ok()) << rules.status();
  ASSERT_EQ(rules->size(), 2U);
  const broker::StreamRule& rule = rules->front();
  EXPECT_EQ(rule.name, "chat");
  EXPECT_EQ(rule.filter, "chat/#");
  EXPECT_EQ(rule.limits.messages_max, 1U);
  EXPECT_EQ(rule.limits.bytes_max, 2000U);
  EXPECT_EQ(rule.limits.age_max, milliseconds(3));
  EXPECT_EQ(rule.limits.messages_per_topic_max, 4U);
  EXPECT_EQ(rule.message_ids.window, milliseconds(5));
  EXPECT_EQ(rule.message_ids.ids_max, 6U);
  const broker::StreamLimits defaults;
  EXPECT_EQ(rules->back().limits.messages_max, defaults.messages_max);
  EXPECT_EQ(rules->back().limits.bytes_max, defaults.bytes_max);
  EXPECT_EQ(rules->back().message_ids.ids_max, broker::MessageIdLimits().ids_max);
}

TEST(PlanStreams, TakesLastValues) {
  const auto rules = Planned(R"(
      last_value {
        filter: "fleet/+/state" max_topics: 1 max_bytes: 2 max_new_topics_per_second: 3
      }
      last_value { filter: "doors/#" }
      stream { name: "chat" filter: "chat/#" })");
  ASSERT_TRUE(rules.ok()) << rules.status();
  ASSERT_EQ(rules->size(), 3U);
  const broker::StreamRule& rule = (*rules)[1];
  EXPECT_EQ(rule.filter, "fleet/+/state");
  EXPECT_EQ(rule.limits.messages_per_topic_max, 1U);
  ASSERT_TRUE(rule.last_values);
  EXPECT_EQ(rule.last_values->topics_max, 1U);
  EXPECT_EQ(rule.last_values->bytes_max, 2U);
  EXPECT_EQ(rule.last_values->new_topics_per_second_max, 3U);
  EXPECT_EQ((*rules)[2].last_values->topics_max, broker::LastValueLimits().topics_max);
  EXPECT_FALSE((*rules)[0].last_values);
}

TEST(PlanStreams, SaysWhatIsWrongAndWhere) {
  const struct {
    std::string_view text;
    std::string_view error;
  } kCases[] = {
      {"stream { filter: \"a\" }", "stream[0].name: must have 1 to 64 bytes"},
      {"stream { name: \"\\377\" filter: \"a\" }", "stream[0].name: must be UTF-8"},
      {"stream { name: \"a\" filter: \"a/#/b\" }", "stream[0].filter: "},
      {"stream { name: \"a\" }", "stream[0].filter: "},
      {"stream { name: \"a\" filter: \"$SYS/#\" }",
       "stream[0].filter: topics below $ are the broker's own"},
      {"stream { name: \"a\" filter: \"a\" max_messages: 0 }",
       "stream[0].max_messages: must be at least 1"},
      {"stream { name: \"a\" filter: \"a\" max_bytes: 10 }",
       "stream[0].max_bytes: must be at least 1024"},
      {"stream { name: \"a\" filter: \"a\" max_age_ms: 18446744073709551615 }",
       "stream[0].max_age_ms: must be at most "},
      {"stream { name: \"a\" filter: \"a\" } stream { name: \"a\" filter: \"b\" }",
       "stream[1].name: another stream has this name"},
      {"stream { name: \"a\" filter: \"a/#\" } stream { name: \"b\" filter: \"+/x\" }",
       "stream[1].filter: overlaps with \"a/#\" of stream a"},
      {"last_value { filter: \"a/#/b\" }", "last_value[0].filter: "},
      {"last_value { }", "last_value[0].filter: "},
      {"last_value { filter: \"$SYS/#\" }", "last_value[0].filter: topics below $ are"},
      {"stream { name: \"a\" filter: \"a/#\" } last_value { filter: \"+/x\" }",
       "last_value[0].filter: overlaps with \"a/#\" of stream a"},
      {"stream { name: \"b\" filter: \"a/#\" } last_value { filter: \"b\" }",
       "last_value[0].filter: another stream has this name"},
      {"last_value { filter: \"a\" } last_value { filter: \"a\" }",
       "last_value[1].filter: overlaps with \"a\" of last_value"},
      {"last_value { filter: \"+/x\" } last_value { filter: \"a/+\" }",
       "last_value[1].filter: overlaps with \"+/x\" of last_value"},
  };
  for (const auto& c : kCases) {
    const auto rules = Planned(c.text);
    ASSERT_FALSE(rules.ok()) << c.text;
    EXPECT_NE(base::Message(rules.status()).find(c.error), std::string::npos) << rules.status();
  }
}

}  // namespace
}  // namespace esockets::app
