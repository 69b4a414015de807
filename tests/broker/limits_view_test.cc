#include "broker/limits_view.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/client_classes.h"
#include "broker/local_authenticator.h"
#include "gtest/gtest.h"
#include "proto/admin.pb.h"
#include "proto/esockets.pb.h"
#include "tests/support/cluster_test.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/sim_client.h"

namespace esockets::broker {
namespace {

using tests::SimClient;

class LimitsViewTest : public tests::ClusterTest {
 protected:
  LimitsViewTest() {
    auto users = std::make_shared<LocalAuthenticator>();
    users->AddToken("root", "root", true);
    users->AddToken("robot", "robot", false);
    users->SetGroups("robot", {"robots"});
    settings_.authenticator = users;
    std::vector<ClientClass> classes(1);
    classes[0].name = "robots";
    classes[0].who.groups = {"robots"};
    classes[0].clients_max = 9;
    classes[0].limits.subscriptions_max = 2;
    classes[0].limits.rates = {.messages_in_per_second_max = 100,
                               .messages_out_per_second_max = 50};
    classes[0].kept = {.stream_messages_max = 4, .last_value_topics_max = 1};
    settings_.classes = ClientClasses(std::move(classes));
    settings_.limits.memory_bytes_max = 1'000'000;
    settings_.streams = {{.name = "kept", .filter = "kept/#", .limits = {.messages_max = 50}},
                         {.name = "values",
                          .filter = "values/#",
                          .limits = {.messages_per_topic_max = 1},
                          .last_values = LastValueLimits()}};
    Start();
    asks_ = Join("root", "asks");
  }
  std::unique_ptr<SimClient> Join(std::string_view user, std::string_view id) {
    auto client = Show(id, user);
    client->Lines();
    return client;
  }
  admin::Limits Ask(std::string_view client_id = {}) {
    tests::PretendOnLoop();
    admin::LimitsRequest request;
    request.set_client_id(std::string(client_id));
    asks_->Request(kLimitsTopic, request.SerializeAsString());
    Settle();
    admin::Limits limits;
    for (const ServerFrame& frame : asks_->sink.TakeFrames()) {
      if (!frame.has_message()) continue;
      EXPECT_TRUE(limits.ParseFromString(frame.message().payload()));
    }
    return limits;
  }
  static admin::Limit Find(const admin::Limits& limits, std::string_view scope,
                           std::string_view name) {
    admin::Limit found;
    int count = 0;
    for (const admin::Limit& limit : limits.limits()) {
      if (limit.scope() != scope || limit.name() != name) continue;
      found = limit;
      ++count;
    }
    EXPECT_EQ(count, 1) << scope << " " << name;
    return found;
  }

  std::unique_ptr<SimClient> asks_;
};

TEST_P(LimitsViewTest, TellsWhatIsUsedOfAllLoopsTogether) {
  const auto one = Join("robot", "one"), other = Join("robot", "other");
  tests::PretendOnLoop();
  for (int i = 0; i < 3; ++i) one->Publish("kept/a", "x");
  for (const char* filter : {"a", "b", "c"}) one->Subscribe(filter), other->Subscribe(filter);
  Settle();
  cluster_->totals.memory_bytes = 123'456;
  const admin::Limits limits = Ask();
  EXPECT_EQ(Find(limits, "broker", "clients_max").used(), 3U);
  EXPECT_EQ(Find(limits, "broker", "clients_max").max(), 1'000'000U);
  EXPECT_EQ(Find(limits, "broker", "backlogs_bytes_max").used(), 0U);
  EXPECT_EQ(Find(limits, "broker", "memory_bytes_max").max(), 1'000'000U);
  EXPECT_EQ(Find(limits, "broker", "memory_bytes_max").used(), 123'456U);
  EXPECT_EQ(Find(limits, "stream kept", "max_messages").used(), 3U);
  EXPECT_EQ(Find(limits, "stream kept", "max_messages").max(), 50U);
  EXPECT_EQ(Find(limits, "client", "subscriptions_max").max(), 10'000U);
  EXPECT_EQ(Find(limits, "client", "subscriptions_max").reached_total(), 2U);
  EXPECT_EQ(Find(limits, "client", "clients_per_user_max").used(), 2U);
  EXPECT_FALSE(Find(limits, "client", "payload_bytes_max").has_used());
  EXPECT_EQ(Find(limits, "class robots", "clients_max").used(), 2U);
  EXPECT_EQ(Find(limits, "class robots", "clients_max").max(), 9U);
  EXPECT_EQ(Find(limits, "class robots", "subscriptions_max").max(), 2U);
  for (const admin::Limit& limit : limits.limits()) {
    EXPECT_FALSE(limit.scope() == "class robots" && limit.name() == "payload_bytes_max")
        << "those of all are not said again";
  }
}

TEST_P(LimitsViewTest, TellsWhatIsKeptOfAClass) {
  const auto one = Join("robot", "one"), other = Join("robot", "other");
  tests::PretendOnLoop();
  for (int i = 0; i < 3; ++i) one->Publish("kept/a", "x"), other->Publish("kept/b", "x");
  asks_->Publish("kept/a", "x");
  Settle();
  one->Publish("values/a", "x");
  Settle();
  other->Publish("values/b", "x");
  Settle();
  const admin::Limits limits = Ask();
  const admin::Limit messages = Find(limits, "class robots in kept", "stream_messages_max");
  EXPECT_EQ(messages.max(), 4U);
  EXPECT_EQ(messages.used(), 4U);
  EXPECT_EQ(messages.reached_total(), 2U);
  const admin::Limit topics = Find(limits, "class robots in values", "last_value_topics_max");
  EXPECT_EQ(topics.max(), 1U);
  EXPECT_EQ(topics.used(), 1U);
  EXPECT_EQ(topics.reached_total(), 1U);
  EXPECT_EQ(Find(limits, "stream kept", "max_messages").used(), 5U);
  for (const admin::Limit& limit : limits.limits()) {
    EXPECT_NE(limit.name(), "stream_bytes_max") << "there is none";
  }
}

TEST_P(LimitsViewTest, TellsWhatOneClientUses) {
  const auto robot = Join("robot", "one");
  tests::PretendOnLoop();
  robot->Subscribe("a");
  Settle();
  const admin::Limits limits = Ask("one");
  EXPECT_EQ(limits.class_name(), "robots");
  EXPECT_EQ(Find(limits, "client", "subscriptions_max").max(), 2U);
  EXPECT_EQ(Find(limits, "client", "subscriptions_max").used(), 1U);
  EXPECT_EQ(Find(limits, "client", "stream_readings_max").used(), 0U);
  EXPECT_EQ(Find(limits, "client", "clients_per_user_max").used(), 1U);
  EXPECT_EQ(Find(limits, "class robots", "clients_max").used(), 1U);
  EXPECT_EQ(Ask("asks").class_name(), "");
}

TEST_P(LimitsViewTest, TellsWhatOneClientHasUsedOfItsSecond) {
  const auto robot = Join("robot", "one");
  tests::PretendOnLoop();
  robot->Subscribe("a");
  Settle();
  for (int i = 0; i < 3; ++i) robot->Publish("a", "x");
  Settle();
  const admin::Limits limits = Ask("one");
  // Connect is none of them: what it may send is known behind it.
  EXPECT_EQ(Find(limits, "client", "messages_in_per_second_max").used(), 4U);
  EXPECT_EQ(Find(limits, "client", "messages_out_per_second_max").used(), 3U);
  EXPECT_FALSE(Find(limits, "client", "bytes_out_per_second_max").has_used()) << "it has none";
  Pass(std::chrono::seconds(1));
  EXPECT_EQ(Find(Ask("one"), "client", "messages_in_per_second_max").used(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Loops, LimitsViewTest, tests::LoopCounts(), tests::LoopCountName);

}  // namespace
}  // namespace esockets::broker
