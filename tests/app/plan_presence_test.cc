#include "app/plan_presence.h"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.h"
#include "base/strings.h"
#include "broker/presence_rules.h"
#include "gtest/gtest.h"

namespace esockets::app {
namespace {

using std::chrono::milliseconds;

absl::StatusOr<std::vector<broker::PresenceRule>> Planned(std::string_view text) {
  const absl::StatusOr<LoadedConfig> loaded = ParseConfig(std::string(text), "b.textproto");
  if (!loaded.ok()) return loaded.status();
  return PlanPresence(loaded->config, loaded->places, {});
}

TEST(PlanPresence, TakesEveryField) {
  const auto rules = Planned(R"(
      presence { filter: "chat/+" window_ms: 20 grace_ms: 30 visible_to: "ANYBODY" }
      presence { filter: "game/#" grace_ms: 0 })");
  ASSERT_TRUE(rules.ok()) << rules.status();
  ASSERT_EQ(rules->size(), 2U);
  EXPECT_EQ(rules->front().filter, "chat/+");
  EXPECT_EQ(rules->front().window, milliseconds(20));
  EXPECT_EQ(rules->front().grace, milliseconds(30));
  EXPECT_EQ(rules->front().visible_to, broker::PresenceVisibility::kAnybody);
  EXPECT_EQ(rules->back().window, milliseconds(1000));
  EXPECT_EQ(rules->back().grace, milliseconds(0));
  EXPECT_EQ(rules->back().visible_to, broker::PresenceVisibility::kMembers);
}

TEST(PlanPresence, SaysWhatIsWrongAndWhere) {
  const struct {
    std::string_view text;
    std::string_view error;
  } cases[] = {
      {"presence { }", "presence[0].filter: "},
      {"presence { filter: \"a/#/b\" }", "presence[0].filter: "},
      {"presence { filter: \"$SYS/#\" }", "presence[0].filter: topics below $ are"},
      {"presence { filter: \"+/x\" } presence { filter: \"a/+\" }",
       "presence[1].filter: overlaps with \"+/x\""},
      {"presence { filter: \"a\" window_ms: 0 }", "presence[0].window_ms: must lie between 10 and"},
      {"presence { filter: \"a\" window_ms: 3600001 }", "presence[0].window_ms: must lie"},
      {"presence { filter: \"a\" grace_ms: 3600001 }", "presence[0].grace_ms: must lie between 0"},
      {"presence { filter: \"a\" visible_to: \"ALL\" }", "presence[0].visible_to: must be MEMBERS"},
  };
  for (const auto& one : cases) {
    const auto rules = Planned(one.text);
    ASSERT_FALSE(rules.ok()) << one.text;
    EXPECT_NE(base::Message(rules.status()).find(one.error), std::string::npos)
        << base::Message(rules.status());
  }
}

}  // namespace
}  // namespace esockets::app
