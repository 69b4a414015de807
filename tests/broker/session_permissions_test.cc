#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "broker/local_authenticator.h"
#include "broker/permissions/permission_policy.h"
#include "broker/permissions/permission_rule.h"
#include "broker/presence_rules.h"
#include "broker/settings_change.h"
#include "broker/shard.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "tests/broker/session_steps.h"
#include "tests/support/sim_client.h"

namespace esockets::broker {
namespace {

using std::chrono::seconds;
using tests::SimBroker;
using tests::SimClient;

PermissionRule Allow(ActionSet actions, std::vector<std::string> topics) {
  PermissionRule rule;
  rule.actions = actions;
  rule.topics = std::move(topics);
  return rule;
}

PermissionRule Deny(ActionSet actions, std::vector<std::string> topics) {
  PermissionRule rule = Allow(actions, std::move(topics));
  rule.deny = true;
  return rule;
}

constexpr Action kPub = Action::kPublish, kSub = Action::kSubscribe;

class SessionPermissions : public testing::Test {
 protected:
  SessionPermissions() { broker_.executor.AssertOnLoop(); }

  static Settings With(std::vector<PermissionRule> rules) {
    auto users = std::make_shared<LocalAuthenticator>();
    users->AddToken("ann", "ann", false);
    users->AddToken("bob", "bob", false);
    users->AddToken("root", "root", true);
    Settings settings;
    settings.authenticator = std::move(users);
    settings.permissions = std::make_shared<PermissionPolicy>(std::move(rules));
    settings.streams = {{.name = "kept", .filter = "kept/#", .limits = {}, .message_ids = {}},
                        {.name = "last",
                         .filter = "last/#",
                         .limits = {.messages_per_topic_max = 1},
                         .message_ids = {},
                         .last_values{{}}}};
    settings.presence = {{.filter = "room/+", .visible_to = PresenceVisibility::kAnybody}};
    return settings;
  }
  void Rules(std::vector<PermissionRule> rules) {
    broker_.executor.AssertOnLoop();
    ReplaceSettings(&broker_.shard, With(std::move(rules)));
  }
  // Of that user, and that id.
  std::unique_ptr<SimClient> Come(std::string_view user, const esockets::Will* will = nullptr) {
    broker_.executor.AssertOnLoop();
    auto client = std::make_unique<SimClient>(&broker_);
    ClientFrame frame;
    frame.mutable_connect()->set_protocol_version(1);
    frame.mutable_connect()->set_client_id(base::StrCat(user, "-phone"));
    frame.mutable_connect()->set_token(std::string(user));
    if (will != nullptr) *frame.mutable_connect()->mutable_will() = *will;
    client->Send(frame);
    After(broker_, *client);
    return client;
  }
  Lines Subscribe(SimClient& client, std::string_view filter, const SimClient::Options& options) {
    broker_.executor.AssertOnLoop();
    client.Subscribe(filter, options);
    broker_.Turn();
    return After(broker_, client);
  }
  Lines Subscribe(SimClient& client, std::string_view filter) {
    return Subscribe(client, filter, {});
  }
  Lines Publish(SimClient& client, std::string_view topic,
                const SimClient::MessageOptions& options = {}) {
    broker_.executor.AssertOnLoop();
    client.PublishAcked(topic, "x", options);
    broker_.Turn();
    return After(broker_, client);
  }

  // It is subscribed to "filler", and takes nothing any more.
  void FallBehind(SimClient& client, SimClient& publisher) {
    broker_.executor.AssertOnLoop();
    client.sink.set_window(0);
    publisher.Publish("filler", std::string(broker_.shard.limits().high_watermark_bytes, '.'));
    broker_.Turn();
  }

  SimBroker broker_{With({})};
};

TEST_F(SessionPermissions, WithoutRulesEverythingButAdministration) {
  const auto ann = Come("ann");
  EXPECT_EQ(Subscribe(*ann, "chat/#"), Lines{"subscribed 1"});
  EXPECT_EQ(Publish(*ann, "chat"), (Lines{"chat=x", "published 2"}));
  EXPECT_EQ(Publish(*ann, "$SYS/info", {.reply_to = "r"}), Lines{"error 3 120"});
}

TEST_F(SessionPermissions, WhatNoRuleAllowsIsRefusedAndNothingElseIsDisturbed) {
  Rules({Allow({kPub, kSub}, {"chat/#", "own/{user}", "device/{client_id}"})});
  const auto ann = Come("ann");
  EXPECT_EQ(Subscribe(*ann, "chat/+"), Lines{"subscribed 1"});
  EXPECT_EQ(Publish(*ann, "secret"), Lines{"error 2 120"});
  EXPECT_EQ(Publish(*ann, "chat/1"), (Lines{"chat/1=x", "published 3"}));
  EXPECT_EQ(Subscribe(*ann, "#"), Lines{"error 4 120"});
  EXPECT_EQ(Subscribe(*ann, "own/bob"), Lines{"error 5 120"});
  EXPECT_EQ(Subscribe(*ann, "own/ann"), Lines{"subscribed 6"});
  EXPECT_EQ(Publish(*ann, "device/ann-phone"), Lines{"published 7"});
  EXPECT_EQ(Publish(*ann, "device/bob-phone"), Lines{"error 8 120"});
}

// What has neither id nor options takes the short way.
TEST_F(SessionPermissions, PlainPublishesAreLookedAtToo) {
  Rules({Allow({kPub, kSub}, {"chat/#"}), Allow({kSub}, {"#"})});
  const auto ann = Come("ann");
  Subscribe(*ann, "#");
  broker_.executor.AssertOnLoop();
  ann->Cork();
  for (int i = 0; i < 3; ++i) {
    ann->Publish("chat/1", "yes");
    ann->Publish("secret", "no");
  }
  ann->Uncork();
  EXPECT_EQ(After(broker_, *ann), (Lines{"chat/1=yes", "error 0 120", "chat/1=yes", "error 0 120",
                                         "chat/1=yes", "error 0 120"}));
}

// The holes of others: groups, replies, wills, streams, last values.

TEST_F(SessionPermissions, AGroupIsNoWayAround) {
  Rules({Allow({kPub, kSub}, {"jobs/#"})});
  const auto ann = Come("ann");
  EXPECT_EQ(Subscribe(*ann, "secret/#", {.group = "g"}), Lines{"error 1 120"});
  EXPECT_EQ(Subscribe(*ann, "jobs/#", {.group = "g"}), Lines{"subscribed 2"});
}

TEST_F(SessionPermissions, NobodyIsMadeToReplyWhereTheAskerMayNotPublish) {
  Rules({Allow({Action::kRequest}, {"ask/#"}), Allow({kPub}, {"answers/#"}), Allow({kSub}, {"#"})});
  const auto ann = Come("ann");
  EXPECT_EQ(Publish(*ann, "ask/1", {.reply_to = "secret"}), Lines{"error 1 120"});
  EXPECT_EQ(Publish(*ann, "ask/1", {.reply_to = "answers/1"}), Lines{"published 2"});
  EXPECT_EQ(Publish(*ann, "ask/1"), Lines{"error 3 120"}) << "REQUEST is for requests";
  EXPECT_EQ(Publish(*ann, "answers/1", {.reply_to = "answers/2"}), Lines{"error 4 120"});
}

TEST_F(SessionPermissions, AWillIsThatOfTheClientWhenItIsLeftAndWhenItIsPublished) {
  Rules({Allow({kPub}, {"state/{user}"}), Allow({kSub}, {"#"})});
  const auto root = Come("root");
  Subscribe(*root, "#");
  esockets::Will will;
  will.mutable_message()->set_topic("state/bob");
  const auto refused = Come("ann", &will);
  ASSERT_TRUE(refused->sink.closed());
  EXPECT_EQ(refused->sink.closed()->code, CloseCode::kConnectInvalid);

  // Whoever hears it might answer there, with rights of his own.
  will.mutable_message()->set_topic("state/ann");
  will.mutable_message()->set_reply_to("secret");
  const auto asking = Come("ann", &will);
  ASSERT_TRUE(asking->sink.closed());
  EXPECT_EQ(asking->sink.closed()->code, CloseCode::kConnectInvalid);

  will.mutable_message()->clear_reply_to();
  auto ann = Come("ann", &will);
  broker_.executor.AssertOnLoop();
  ann->Vanish();
  EXPECT_EQ(After(broker_, *root), Lines{"state/ann="});

  // It waits, and the right is gone meanwhile.
  will.set_delay_ms(1000);
  ann = Come("ann", &will);
  broker_.executor.AssertOnLoop();
  ann->Vanish();
  broker_.Turn();
  Rules({Allow({kSub}, {"#"})});
  Wait(broker_, seconds(2));
  EXPECT_EQ(After(broker_, *root), Lines());
}

TEST_F(SessionPermissions, WhatAStreamHasKeptIsAnotherRightThanWhatComes) {
  Rules({Allow({kPub, kSub}, {"kept/#", "last/#"}), Allow({Action::kStream}, {"kept/open"})});
  const auto ann = Come("ann");
  Publish(*ann, "kept/open");
  EXPECT_EQ(Subscribe(*ann, "kept/#", {.start = START_LAST, .start_at = 1}), Lines{"error 2 120"});
  EXPECT_EQ(Subscribe(*ann, "kept/open", {.start = START_LAST, .start_at = 1}),
            (Lines{"subscribed 3 behind 0", "1 kept/open=x"}));
  EXPECT_EQ(Subscribe(*ann, "kept/other"), Lines{"subscribed 4 behind 1"});
}

TEST_F(SessionPermissions, ALastValueIsThereForThoseWhoMaySubscribe) {
  Rules({Allow({kPub}, {"last/#"}), Allow({kSub}, {"last/open"})});
  const auto ann = Come("ann");
  Publish(*ann, "last/secret");
  Publish(*ann, "last/open");
  EXPECT_EQ(Subscribe(*ann, "last/#"), Lines{"error 3 120"});
  EXPECT_EQ(Subscribe(*ann, "last/secret"), Lines{"error 4 120"});
  const Lines lines = Subscribe(*ann, "last/open");
  ASSERT_GE(lines.size(), 2U);
  EXPECT_NE(lines[1].find("last/open=x"), std::string::npos);
}

TEST_F(SessionPermissions, PresenceNeedsARightOfItsOwn) {
  Rules({Allow({kSub}, {"room/+"}), Allow({Action::kPresence}, {"room/open"})});
  const auto ann = Come("ann");
  EXPECT_EQ(Subscribe(*ann, "$presence/room/1"), Lines{"error 1 120"});
  EXPECT_EQ(Subscribe(*ann, "$presence/room/open"), Lines{"subscribed 2"});
  EXPECT_EQ(Publish(*ann, "$presence/room/1", {.reply_to = "$INBOX/r"}), Lines{"error 3 120"});
  for (const char* filter : {"$presence", "$presence/", "$presence/#", "$presence/+/1"}) {
    const Lines lines = Subscribe(*ann, filter);
    ASSERT_EQ(lines.size(), 1U) << filter;
    EXPECT_TRUE(lines[0].starts_with("error ")) << filter;
  }
}

TEST_F(SessionPermissions, AdministrationInParts) {
  PermissionRule some = Allow({Action::kAdmin}, {"$SYS/info"});
  some.who.users = {"ann"};
  Rules({some});
  const auto ann = Come("ann"), bob = Come("bob"), root = Come("root");
  EXPECT_NE(Publish(*ann, "$SYS/info", {.reply_to = "r"}), Lines{"error 1 120"});
  EXPECT_EQ(Publish(*ann, "$SYS/kick", {.reply_to = "r"}), Lines{"error 2 120"});
  EXPECT_EQ(Publish(*bob, "$SYS/info", {.reply_to = "r"}), Lines{"error 1 120"});
  EXPECT_NE(Publish(*root, "$SYS/info", {.reply_to = "r"}), Lines{"error 1 120"});
  EXPECT_EQ(Subscribe(*ann, "$SYS/#"), Lines{"error 3 120"});
}

TEST_F(SessionPermissions, AWildcardReadsNothingThatItsLiteralMayNot) {
  Rules({Allow({kPub, kSub}, {"#"}), Deny({kSub}, {"payroll/#"})});
  const auto ann = Come("ann");
  EXPECT_EQ(Subscribe(*ann, "payroll/2026"), Lines{"error 1 120"});
  EXPECT_EQ(Subscribe(*ann, "payroll/+"), Lines{"error 2 120"});
  EXPECT_EQ(Subscribe(*ann, "#", {.group = "g"}), Lines{"error 3 120"}) << "it would lose some";
  EXPECT_EQ(Subscribe(*ann, "#")[0], "subscribed 4 with last values");
  EXPECT_EQ(Subscribe(*ann, "+/2026")[0], "subscribed 5 with last values");
  EXPECT_EQ(Publish(*ann, "payroll/2026"), Lines{"published 6"});
  EXPECT_EQ(Publish(*ann, "chat/2026"), (Lines{"chat/2026=x", "published 7"}));
  EXPECT_EQ(Publish(*ann, "payroll/2026"), Lines{"published 8"});
}

// Those that are matched side by side, too; and each client has holes of its own.
TEST_F(SessionPermissions, OnlyWhoHasTheHoleMissesWhatIsInIt) {
  PermissionRule deny = Deny({kSub}, {"secret", "own/{user}"});
  deny.who.users = {"ann", "bob"};
  Rules({Allow({kPub, kSub}, {"#"}), deny});
  const auto ann = Come("ann"), bob = Come("bob"), root = Come("root");
  for (const auto& client : {&ann, &bob, &root}) Subscribe(**client, "#");
  broker_.executor.AssertOnLoop();
  root->Cork();
  for (int i = 0; i < 2; ++i) {
    for (const char* topic : {"open", "secret", "own/ann", "own/bob"}) root->Publish(topic, "x");
  }
  root->Uncork();
  const auto twice = [](const Lines& lines) {
    Lines all = lines;
    all.insert(all.end(), lines.begin(), lines.end());
    return all;
  };
  EXPECT_EQ(After(broker_, *ann), twice({"open=x", "own/bob=x"}));
  EXPECT_EQ(After(broker_, *bob), twice({"open=x", "own/ann=x"}));
  EXPECT_EQ(After(broker_, *root), twice({"open=x", "secret=x", "own/ann=x", "own/bob=x"}));
  EXPECT_EQ(broker_.shard.router.with_holes(), 2U);
  ann->Unsubscribe("#");
  bob->Vanish();
  broker_.Turn();
  EXPECT_EQ(broker_.shard.router.with_holes(), 0U);
}

TEST_F(SessionPermissions, WhatAStreamHasKeptHasHolesOfItsOwn) {
  Rules({Allow({kPub, kSub, Action::kStream}, {"kept/#"}), Deny({kSub}, {"kept/secret"}),
         Deny({Action::kStream}, {"kept/past"})});
  const auto ann = Come("ann");
  for (const char* topic : {"kept/secret", "kept/past", "kept/1"}) Publish(*ann, topic);
  EXPECT_EQ(Subscribe(*ann, "kept/#", {.start = START_LAST, .start_at = 9}),
            (Lines{"subscribed 4 behind 0", "3 kept/1=x"}));
  EXPECT_EQ(Publish(*ann, "kept/past"), (Lines{"4 kept/past=x", "published 5 at 4"}));
  EXPECT_EQ(Publish(*ann, "kept/secret"), Lines{"published 6 at 5"});
  EXPECT_EQ(Subscribe(*ann, "kept/past", {.start = START_LAST, .start_at = 9}),
            Lines{"error 7 120"});
}

// Who is behind under REPLAY reads what it was subscribed to.
TEST_F(SessionPermissions, WhoCatchesUpFromTheStreamMissesWhatItIsDenied) {
  Rules({Allow({kPub, kSub}, {"kept/#", "filler"}), Deny({kSub}, {"kept/secret"})});
  const auto ann = Come("ann"), root = Come("root");
  Subscribe(*ann, "filler");
  Subscribe(*ann, "kept/#", {.overflow = OVERFLOW_REPLAY});
  FallBehind(*ann, *root);
  for (const char* topic : {"kept/1", "kept/secret", "kept/2"}) Publish(*root, topic);
  broker_.executor.AssertOnLoop();
  ann->sink.set_window(1 << 24);
  for (int turn = 0; turn < 5; ++turn) broker_.Turn();
  const Lines lines = ann->Lines();
  ASSERT_GE(lines.size(), 2U);
  EXPECT_EQ(Lines(lines.end() - 2, lines.end()), (Lines{"1 kept/1=x", "3 kept/2=x"}));
}

TEST_F(SessionPermissions, ALastValueInAHoleIsNotThere) {
  Rules({Allow({kPub, kSub}, {"last/#"}), Deny({kSub}, {"last/secret"})});
  const auto ann = Come("ann");
  Publish(*ann, "last/secret");
  Publish(*ann, "last/open");
  std::string all;
  for (const std::string& line : Subscribe(*ann, "last/#")) all += line + ";";
  EXPECT_NE(all.find("last/open=x"), std::string::npos) << all;
  EXPECT_EQ(all.find("last/secret"), std::string::npos) << all;
}

TEST_F(SessionPermissions, WhatIsTakenAwayEndsAtOnce) {
  Rules({Allow({kPub, kSub, Action::kPresence}, {"#"})});
  const auto ann = Come("ann"), root = Come("root");
  Subscribe(*ann, "chat/#");
  Subscribe(*ann, "secret/#");
  Subscribe(*ann, "secret/jobs", {.group = "g"});
  Rules({Allow({kPub, kSub}, {"chat/#"}), Deny({kSub}, {"secret/#"}), Allow({kPub}, {"#"})});
  EXPECT_EQ(After(broker_, *ann), (Lines{"error 0 120", "error 0 120"}));
  broker_.executor.AssertOnLoop();
  for (const char* topic : {"secret/1", "secret/jobs", "chat/1"}) Publish(*root, topic);
  EXPECT_EQ(After(broker_, *ann), Lines{"chat/1=x"});
  EXPECT_EQ(ann->session().subscription_count(), 1U);
  // And what was published to a moment ago is not remembered as permitted.
  Rules({Allow({kSub}, {"chat/#"})});
  EXPECT_EQ(Publish(*ann, "chat/1"), Lines{"error 4 120"});
  Rules({Allow({kPub, kSub}, {"chat/#"}), Deny({kSub}, {"chat/1"})});
  EXPECT_EQ(Publish(*ann, "chat/1"), Lines{"published 5"}) << "a hole in what it has";
  EXPECT_EQ(Publish(*ann, "chat/2"), (Lines{"chat/2=x", "published 6"}));
  // Given again, it is there for who asks again.
  Rules({});
  EXPECT_EQ(Publish(*ann, "chat/1"), (Lines{"chat/1=x", "published 7"}));
  EXPECT_EQ(Subscribe(*ann, "secret/#"), Lines{"subscribed 8"});
}

TEST_F(SessionPermissions, WhatWaitsWhenItIsTakenAwayIsForgotten) {
  Rules({Allow({kPub, kSub}, {"chat/#", "filler"})});
  const auto ann = Come("ann"), root = Come("root");
  Subscribe(*ann, "filler");
  Subscribe(*ann, "chat/#");
  FallBehind(*ann, *root);
  for (const char* topic : {"chat/1", "chat/secret", "chat/2"}) Publish(*root, topic);
  ann->Lines();
  EXPECT_EQ(ann->session().outbox().backlog_messages(), 3U);
  Rules({Allow({kPub, kSub}, {"chat/#", "filler"}), Deny({kSub}, {"chat/secret"})});
  EXPECT_EQ(ann->session().outbox().backlog_messages(), 2U);
  broker_.executor.AssertOnLoop();
  ann->sink.set_window(1 << 24);
  for (int turn = 0; turn < 3; ++turn) broker_.Turn();
  const Lines lines = ann->Lines();
  ASSERT_GE(lines.size(), 2U);
  EXPECT_EQ(Lines(lines.end() - 2, lines.end()), (Lines{"chat/1=x", "chat/2=x"}));
}

}  // namespace
}  // namespace esockets::broker
