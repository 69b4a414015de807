#include "app/plan_listeners.h"

#include <string>
#include <string_view>

#include "app/plan.h"
#include "gtest/gtest.h"

namespace esockets::app {
namespace {

absl::StatusOr<Plan> PlanOf(std::string_view text) {
  const absl::StatusOr<LoadedConfig> loaded = ParseConfig(text, "b.textproto");
  EXPECT_TRUE(loaded.ok()) << loaded.status();
  return MakePlan(*loaded);
}

TEST(PlanListeners, EachHasItsProtocols) {
  const absl::StatusOr<Plan> plan = PlanOf(R"(
      listen: "127.0.0.1:1"
      listener { address: "127.0.0.1:2" protocols: "HTTP" }
      listener { address: "127.0.0.1:3" protocols: "NATIVE" }
      listener { address: "127.0.0.1:4" })");
  ASSERT_TRUE(plan.ok()) << plan.status();
  const BrokerOptions& broker = plan->broker;
  ASSERT_EQ(broker.server.listen.size(), 4U);
  EXPECT_EQ(broker.server.listen[1], "127.0.0.1:2");
  ASSERT_EQ(broker.protocols.size(), 4U);
  const bool expected[][2] = {{true, true}, {false, true}, {true, false}, {true, true}};
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(broker.protocols[i].native, expected[i][0]) << i;
    EXPECT_EQ(broker.protocols[i].http, expected[i][1]) << i;
  }
}

TEST(PlanListeners, WithOneOfItsOwnThereIsNoDefault) {
  const absl::StatusOr<Plan> plan = PlanOf("listener { address: \"127.0.0.1:2\" }");
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->broker.server.listen, std::vector<std::string>{"127.0.0.1:2"});
}

TEST(PlanListeners, DoorsArrive) {
  const absl::StatusOr<Plan> plan = PlanOf(R"(
      websocket { origins: "https://chat.example.org" origins: "*" deflate: false
                  message_bytes_max: 3000000 })");
  ASSERT_TRUE(plan.ok()) << plan.status();
  const websocket::GatewaySettings& settings = plan->broker.websocket;
  EXPECT_EQ(settings.origins, (std::vector<std::string>{"https://chat.example.org", "*"}));
  EXPECT_FALSE(settings.deflate);
  EXPECT_EQ(settings.message_bytes_max, 3'000'000U);
  EXPECT_EQ(plan->broker.pages->size(), 0U);
}

TEST(PlanListeners, Mistakes) {
  const struct {
    std::string_view text;
    std::string_view why;
  } kCases[] = {
      {"listener { address: \"127.0.0.1:2\" protocols: \"MQTT\" }",
       "b.textproto:1:35: listener[0].protocols[0]: must be NATIVE or HTTP, not \"MQTT\""},
      {"listen: \"127.0.0.1:2\" listener { address: \"127.0.0.1:2\" }",
       "b.textproto:1:34: listener[0].address: 127.0.0.1:2 is listened on already"},
      {"listener { address: \"0.0.0.0:2\" }",
       "b.textproto:1:12: listener[0].address: without users only loopback is listened on, not "
       "0.0.0.0:2; configure users, or allow it with --allow_remote_without_auth"},
      {"websocket { origins: \"chat.example.org\" }",
       "b.textproto:1:13: websocket.origins[0]: must be as browsers write it, "
       "\"https://chat.example.org\", or \"*\""},
      {"websocket { message_bytes_max: 1000 }",
       "b.textproto:1:13: websocket.message_bytes_max: must hold a frame: at least "
       "limits.frame_bytes_max, 1048576"},
      {"serve { path: \"/x\" folder: \"/no/such\" }",
       "b.textproto:1:1: serve[0]: cannot read the folder /no/such: No such file or directory"},
      {"serve { path: \"x\" folder: \"/\" }",
       "b.textproto:1:1: serve[0]: must begin with a slash and not end with one: x"},
  };
  for (const auto& test : kCases) {
    const absl::StatusOr<Plan> plan = PlanOf(test.text);
    ASSERT_FALSE(plan.ok()) << test.text;
    EXPECT_EQ(std::string(plan.status().message()), test.why);
  }
}

}  // namespace
}  // namespace esockets::app
