#include "app/plan_classes.h"

#include <string>
#include <string_view>
#include <vector>

#include "app/config.h"
#include "app/plan.h"
#include "base/strings.h"
#include "gtest/gtest.h"

namespace esockets::app {
namespace {

absl::StatusOr<broker::ClientClasses> Planned(std::string_view text) {
  const absl::StatusOr<LoadedConfig> loaded = ParseConfig(std::string(text), "b.textproto");
  if (!loaded.ok()) return loaded.status();
  const absl::StatusOr<Plan> plan = MakePlan(*loaded);
  if (!plan.ok()) return plan.status();
  return plan->broker.settings.classes;
}

TEST(PlanClasses, EachHasItsOwnLimitsAndElseThoseOfAll) {
  const auto classes = Planned(R"(
      listen: "127.0.0.1:1" listener { address: "127.0.0.1:2" }
      limits { payload_bytes_max: 1000 subscriptions_max: 7 }
      client_class {
        name: "robots" users: "r" groups: "g" claims: "kind=robot" listeners: "127.0.0.1:2"
        limits { payload_bytes_max: 10 clients_max: 5 messages_out_per_second_max: 9 }
      }
      client_class {
        name: "rest" stream_messages_max: 1 stream_bytes_max: 2 last_value_topics_max: 3
        last_value_bytes_max: 4
      })");
  ASSERT_TRUE(classes.ok()) << classes.status();
  ASSERT_EQ(classes->all().size(), 2U);
  const broker::ClientClass& robots = classes->all()[0];
  EXPECT_EQ(robots.name, "robots");
  EXPECT_EQ(robots.who.users, std::vector<std::string>{"r"});
  EXPECT_EQ(robots.who.groups, std::vector<std::string>{"g"});
  ASSERT_EQ(robots.who.claims.size(), 1U);
  EXPECT_EQ(robots.who.claims[0].second, "robot");
  EXPECT_EQ(robots.listeners, std::vector<size_t>{1});
  EXPECT_EQ(robots.clients_max, 5U);
  EXPECT_EQ(robots.limits.payload_bytes_max, 10U);
  EXPECT_EQ(robots.limits.rates.messages_out_per_second_max, 9U);
  EXPECT_EQ(robots.limits.subscriptions_max, 7U) << "as all";
  EXPECT_EQ(robots.limits.clients_max, broker::Limits().clients_max) << "of all";
  EXPECT_EQ(robots.kept.stream_messages_max, 0U) << "as much as of all";
  const broker::ClientClass& rest = classes->all()[1];
  EXPECT_EQ(rest.limits.payload_bytes_max, 1000U);
  EXPECT_EQ(rest.kept.stream_messages_max, 1U);
  EXPECT_EQ(rest.kept.stream_bytes_max, 2U);
  EXPECT_EQ(rest.kept.last_value_topics_max, 3U);
  EXPECT_EQ(rest.kept.last_value_bytes_max, 4U);
}

TEST(PlanClasses, MistakesHaveTheirPlace) {
  struct Case {
    std::string_view text, mistake;
  };
  const Case cases[] = {
      {"client_class { users: \"a\" }", "1:1: client_class[0]: has no name"},
      {"client_class { name: \"a\" }\nclient_class { name: \"a\" }",
       "2:16: client_class[1].name: is another class's already"},
      {"client_class { name: \"a\" claims: \"x\" }",
       "1:26: client_class[0].claims[0]: must be NAME=VALUE"},
      {"client_class { name: \"a\" listeners: \"127.0.0.1:9\" }",
       "1:26: client_class[0].listeners[0]: is no address of listen or listener"},
      {"client_class { name: \"a\" limits { keep_alive_ms: 1 } }",
       "1:35: client_class[0].limits.keep_alive_ms: is not that of a client: set it in limits, for "
       "all"},
      {"client_class { name: \"a\" limits { payload_bytes_max: 1048576 } }",
       "1:35: client_class[0].limits.payload_bytes_max: a frame must have room for more than a "
       "payload: frame_bytes_max is 1048576, payload_bytes_max 1048576"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(Planned(one.text).status().message(), base::StrCat("b.textproto:", one.mistake))
        << one.text;
  }
  std::string many;
  for (int i = 0; i < 101; ++i) many += base::StrCat("client_class { name: \"", i, "\" }\n");
  EXPECT_EQ(Planned(many).status().message(), "b.textproto:1:1: client_class: at most 100 of them");
}

}  // namespace
}  // namespace esockets::app
