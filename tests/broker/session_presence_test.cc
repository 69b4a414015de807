#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/strings.h"
#include "broker/local_authenticator.h"
#include "broker/presence_rules.h"
#include "broker/shard.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "proto/presence.pb.h"
#include "tests/broker/session_steps.h"
#include "tests/support/sim_client.h"

namespace esockets::broker {
namespace {

using std::chrono::seconds;
using tests::SimBroker;
using tests::SimClient;

Settings WithUsers() {
  auto users = std::make_shared<LocalAuthenticator>();
  users->AddToken("ann", "ordinary", false);
  users->AddToken("root", "admin", true);
  Settings settings;
  settings.authenticator = std::move(users);
  settings.presence = {{.filter = "members/+"},
                       {.filter = "open/+", .visible_to = PresenceVisibility::kAnybody},
                       {.filter = "secret/+", .visible_to = PresenceVisibility::kAdmins}};
  return settings;
}

void Connect(SimClient& client, std::string_view token) {
  ClientFrame frame;
  frame.mutable_connect()->set_protocol_version(1);
  frame.mutable_connect()->set_client_id(std::string(token));
  frame.mutable_connect()->set_token(std::string(token));
  client.Send(frame);
}

// One of these clients, with its Connected taken.
struct Connected {
  Connected(SimBroker& its_broker, std::string_view token) : broker(its_broker), client(&broker) {
    broker.executor.AssertOnLoop();
    Connect(client, token);
    After(broker, client);
  }
  Lines Subscribe(std::string_view filter) {
    broker.executor.AssertOnLoop();
    client.Subscribe(filter);
    return After(broker, client);
  }
  Lines Ask(std::string_view topic, std::string_view payload = "",
            const SimClient::MessageOptions& options = {.reply_to = "r"}) {
    broker.executor.AssertOnLoop();
    client.PublishAcked(topic, payload, options);
    return After(broker, client);
  }

  SimBroker& broker;
  SimClient client;
};

TEST(SessionPresence, OfATopicWithoutARuleIsRefused) {
  SimBroker broker(WithUsers());
  Connected ann(broker, "admin");
  EXPECT_EQ(ann.Subscribe("$presence/other"), Lines{"error 1 160"});
  EXPECT_EQ(ann.Subscribe("$presence/members"), Lines{"error 2 160"});
  EXPECT_EQ(ann.Subscribe("$presence/$SYS/info"), Lines{"error 3 160"});
  EXPECT_EQ(ann.Ask("$presence/other"), Lines{"error 4 160"});
  SimBroker without;
  Connected anybody(without, "x");
  EXPECT_EQ(anybody.Subscribe("$presence/members/1"), Lines{"error 1 160"});
  EXPECT_EQ(anybody.Ask("$presence/members/1"), Lines{"error 2 160"});
}

TEST(SessionPresence, WildcardsAreRefused) {
  SimBroker broker(WithUsers());
  Connected ann(broker, "admin");
  uint64_t id = 0;
  for (const char* filter : {"$presence", "$presence/", "$presence/#", "$presence/open/+"}) {
    EXPECT_EQ(ann.Subscribe(filter), Lines{base::StrCat("error ", ++id, " 111")}) << filter;
  }
}

TEST(SessionPresence, IsSeenByWhomTheRuleSays) {
  SimBroker broker(WithUsers());
  Connected ann(broker, "ordinary");
  EXPECT_EQ(ann.Subscribe("$presence/open/1"), Lines{"subscribed 1"});
  EXPECT_EQ(ann.Subscribe("$presence/members/1"), Lines{"error 2 120"});
  EXPECT_EQ(ann.Ask("$presence/members/1"), Lines{"error 3 120"});
  EXPECT_EQ(ann.Subscribe("members/+"), Lines{"subscribed 4"});
  EXPECT_EQ(ann.Subscribe("$presence/members/1"), Lines{"error 5 120"});
  EXPECT_EQ(ann.Subscribe("members/1"), Lines{"subscribed 6"});
  EXPECT_EQ(ann.Subscribe("$presence/members/1"), Lines{"subscribed 7"});
  EXPECT_EQ(ann.Subscribe("secret/1"), Lines{"subscribed 8"});
  EXPECT_EQ(ann.Subscribe("$presence/secret/1"), Lines{"error 9 120"});
  EXPECT_EQ(ann.Ask("$presence/secret/1"), Lines{"error 10 120"});
  Connected root(broker, "admin");
  EXPECT_EQ(root.Subscribe("$presence/secret/1"), Lines{"subscribed 1"});
  EXPECT_EQ(root.Subscribe("$presence/members/1"), Lines{"subscribed 2"});
}

TEST(SessionPresence, WhoLeavesTheTopicHearsThatItWatchesNoMore) {
  SimBroker broker(WithUsers());
  Connected ann(broker, "ordinary");
  ann.Subscribe("members/1");
  ann.Subscribe("$presence/members/1");
  broker.executor.AssertOnLoop();
  ann.client.Unsubscribe("members/1");
  broker.Turn();
  const auto frames = ann.client.sink.TakeFrames();
  ASSERT_EQ(frames.size(), 2U);
  PresenceUpdate last;
  ASSERT_TRUE(last.ParseFromString(frames[0].message().payload()));
  EXPECT_EQ(frames[0].message().topic(), "$presence/members/1");
  EXPECT_TRUE(last.ended());
  EXPECT_EQ(last.topic(), "members/1");
  EXPECT_TRUE(frames[1].has_unsubscribed());
  EXPECT_TRUE(ann.client.session().subscriptions().empty());
  Wait(broker, seconds(20));
  EXPECT_EQ(ann.client.Lines(), Lines{});
}

TEST(SessionPresence, AnAdministratorGoesOnWatching) {
  SimBroker broker(WithUsers());
  Connected root(broker, "admin");
  root.Subscribe("members/1");
  root.Subscribe("$presence/members/1");
  broker.executor.AssertOnLoop();
  root.client.Unsubscribe("members/1");
  EXPECT_EQ(After(broker, root.client), Lines{"unsubscribed 3"});
  EXPECT_EQ(root.client.session().subscriptions().size(), 1U);
}

TEST(SessionPresence, NobodyElsePublishesUpdates) {
  SimBroker broker(WithUsers());
  Connected root(broker, "admin");
  EXPECT_EQ(root.Ask("$presence/open/1", "x", {}), Lines{"error 1 113"});
  EXPECT_EQ(root.Ask("$presence", "x", {}), Lines{"error 2 113"});
  EXPECT_EQ(root.Ask("$presence/open/1", "\xff"), Lines{"error 3 162"});
}

TEST(SessionPresence, OfTooManyTopicsIsRefused) {
  Settings settings = WithUsers();
  settings.limits.presence_topics_per_client_max = 2;
  SimBroker broker(settings);
  Connected ann(broker, "ordinary");
  EXPECT_EQ(ann.Subscribe("open/1"), Lines{"subscribed 1"});
  EXPECT_EQ(ann.Subscribe("open/2"), Lines{"subscribed 2"});
  EXPECT_EQ(ann.Subscribe("open/3"), Lines{"error 3 161"});
  EXPECT_EQ(ann.Subscribe("open/2"), Lines{"subscribed 4"});
  EXPECT_EQ(ann.Subscribe("other"), Lines{"subscribed 5"});
  EXPECT_EQ(ann.Subscribe("open/+"), Lines{"subscribed 6"});
  broker.executor.AssertOnLoop();
  ann.client.Unsubscribe("open/1");
  After(broker, ann.client);
  EXPECT_EQ(ann.Subscribe("open/3"), Lines{"subscribed 8"});
}

TEST(SessionPresence, WithoutARuleNothingIsKept) {
  SimBroker broker;
  Connected ann(broker, "x");
  ann.Subscribe("open/1");
  EXPECT_EQ(broker.shard.presence.reports().sessions(), 0U);
  EXPECT_EQ(broker.shard.presence.home().topics(), 0U);
}

}  // namespace
}  // namespace esockets::broker
