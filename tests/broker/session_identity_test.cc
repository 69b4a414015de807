#include "broker/session_identity.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "base/strings.h"
#include "broker/auth/identity.h"
#include "broker/authenticator.h"
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
using Users = std::shared_ptr<LocalAuthenticator>;

Users Nobody() { return std::make_shared<LocalAuthenticator>(); }

// Whose tokens are their names.
Users With(const std::vector<std::string>& names, bool admin = false) {
  Users users = Nobody();
  users->Close();
  for (const std::string& name : names) users->AddToken(name, name, admin);
  return users;
}

class SessionIdentityTest : public testing::Test {
 protected:
  SessionIdentityTest() { broker_.executor.AssertOnLoop(); }

  Settings Of(std::shared_ptr<const Authenticator> users) const {
    Settings settings;
    settings.authenticator = std::move(users);
    settings.permissions = policy_;
    settings.limits.reconnects_per_second = 10;
    settings.presence = {{.filter = "room/+", .visible_to = PresenceVisibility::kAdmins}};
    return settings;
  }
  void Reload(std::shared_ptr<const Authenticator> users) {
    broker_.executor.AssertOnLoop();
    ReplaceSettings(&broker_.shard, Of(std::move(users)));
    broker_.Turn();
  }
  std::unique_ptr<SimClient> Come(std::string_view token, const esockets::Will* will = nullptr) {
    broker_.executor.AssertOnLoop();
    auto client = std::make_unique<SimClient>(&broker_);
    ClientFrame frame;
    frame.mutable_connect()->set_protocol_version(1);
    frame.mutable_connect()->set_client_id(base::StrCat(token, "-phone"));
    frame.mutable_connect()->set_token(std::string(token));
    if (will != nullptr) *frame.mutable_connect()->mutable_will() = *will;
    client->Send(frame);
    After(broker_, *client);
    return client;
  }
  Lines Subscribe(SimClient& client, std::string_view filter) {
    broker_.executor.AssertOnLoop();
    client.Subscribe(filter);
    broker_.Turn();
    return After(broker_, client);
  }
  void Refresh(SimClient& client, std::string_view token) {
    broker_.executor.AssertOnLoop();
    ClientFrame frame;
    frame.mutable_refresh()->set_id(1);
    frame.mutable_refresh()->set_token(std::string(token));
    client.Send(frame);
  }
  // Is the client answered as an administrator, and not refused?
  bool Administrates(SimClient& client) {
    broker_.executor.AssertOnLoop();
    client.PublishAcked("$SYS/info", "", {.reply_to = "answer"});
    broker_.Turn();
    const Lines lines = After(broker_, client);
    EXPECT_EQ(lines.size(), 1U);
    if (lines.size() != 1) return false;
    if (lines[0].starts_with("answer=")) return true;
    EXPECT_TRUE(lines[0].ends_with(" 120")) << lines[0];
    return false;
  }
  static esockets::Will WillOf(std::string_view topic, uint32_t delay_ms = 0) {
    esockets::Will will;
    will.mutable_message()->set_topic(std::string(topic));
    will.set_delay_ms(delay_ms);
    return will;
  }
  static void ExpectRevoked(const SimClient& client) {
    ASSERT_TRUE(client.sink.closed());
    EXPECT_EQ(client.sink.closed()->code, CloseCode::kCredentialsRevoked);
  }

  std::shared_ptr<const PermissionPolicy> policy_ = std::make_shared<PermissionPolicy>();
  SimBroker broker_{Of(With({"ann", "bob"}))};
};

TEST_F(SessionIdentityTest, WhoseUserIsGoneIsClosedAndNobodyElse) {
  const auto ann = Come("ann"), bob = Come("bob");
  Subscribe(*ann, "chat");
  Subscribe(*bob, "chat");
  Reload(With({"bob", "carol"}));
  ExpectRevoked(*ann);
  EXPECT_FALSE(bob->sink.closed());
  broker_.executor.AssertOnLoop();
  bob->Publish("chat", "x");
  EXPECT_EQ(After(broker_, *bob), Lines{"chat=x"});
  EXPECT_EQ(After(broker_, *ann), Lines());
  EXPECT_EQ(broker_.shard.clients.size(), 1U);
}

TEST_F(SessionIdentityTest, EachIsToldWhenToComeBack) {
  const auto ann = Come("ann"), bob = Come("bob");
  Reload(With({}));
  ExpectRevoked(*ann);
  ExpectRevoked(*bob);
  const auto& first = *ann->sink.closed();
  const auto& second = *bob->sink.closed();
  EXPECT_EQ(first.retry_after_ms + second.retry_after_ms, 100U) << "at 10 in a second";
}

TEST_F(SessionIdentityTest, AnotherTokenOfTheSameUserIsAnotherCredential) {
  const auto ann = Come("ann");
  const Users users = With({"bob"});
  users->AddToken("ann", "a new token", false);
  Reload(users);
  ExpectRevoked(*ann);
  EXPECT_FALSE(Come("a new token")->sink.closed());
}

TEST_F(SessionIdentityTest, RightsAreThoseOfNow) {
  const auto ann = Come("ann");
  EXPECT_FALSE(Administrates(*ann));
  Reload(With({"ann"}, /*admin=*/true));
  EXPECT_TRUE(Administrates(*ann));
  EXPECT_EQ(Subscribe(*ann, "$presence/room/1"), Lines{"subscribed 3"});
  EXPECT_EQ(ann->session().subscription_count(), 1U);
  Reload(With({"ann"}));
  EXPECT_EQ(ann->session().subscription_count(), 0U) << "it is for administrators";
  ann->Lines();
  EXPECT_FALSE(Administrates(*ann));
}

TEST_F(SessionIdentityTest, GroupsAreThoseOfNow) {
  PermissionRule staff;
  staff.actions = {Action::kSubscribe};
  staff.topics = {"staff/#"};
  staff.who.groups = {"staff"};
  policy_ = std::make_shared<PermissionPolicy>(std::vector<PermissionRule>{staff});
  const Users users = With({"ann"});
  users->SetGroups("ann", {"staff"});
  Reload(users);
  const auto ann = Come("ann");
  EXPECT_EQ(Subscribe(*ann, "staff/#"), Lines{"subscribed 1"});
  Reload(With({"ann"}));
  EXPECT_EQ(After(broker_, *ann), Lines{"error 0 120"});
  EXPECT_EQ(ann->session().subscription_count(), 0U);
}

TEST_F(SessionIdentityTest, WhoCameWhileEverybodyDidIsNobodyWhenUsersAreThere) {
  Reload(Nobody());
  const auto anybody = Come("");
  EXPECT_TRUE(Administrates(*anybody));
  Reload(With({"ann"}));
  ExpectRevoked(*anybody);
}

TEST_F(SessionIdentityTest, WhoHasShownSomethingIsKnownAgainAfterEverybodyDid) {
  const auto ann = Come("ann"), bob = Come("bob");
  Reload(Nobody());
  EXPECT_TRUE(Administrates(*ann)) << "everybody administrates";
  Reload(With({"ann"}));
  ExpectRevoked(*bob);
  EXPECT_FALSE(Administrates(*ann));
}

TEST_F(SessionIdentityTest, OrIsAnonymousIfThatIsAllowed) {
  Reload(Nobody());
  const auto anybody = Come("");
  const Users users = With({"ann"});
  users->AllowAnonymous();
  Reload(users);
  ASSERT_FALSE(anybody->sink.closed());
  EXPECT_FALSE(Administrates(*anybody)) << "it administrates no more";
  Reload(Nobody());
  EXPECT_TRUE(Administrates(*anybody)) << "as who comes now";
  Reload(With({"ann"}));
  ExpectRevoked(*anybody);
}

TEST_F(SessionIdentityTest, WhatNobodyMayPublishAnyMoreIsNoLastWill) {
  const auto bob = Come("bob");
  Subscribe(*bob, "state/#");
  const esockets::Will at_once = WillOf("state/1"), later = WillOf("state/2", 1000);
  const auto here = Come("ann", &at_once);
  Reload(With({"bob"}));
  ExpectRevoked(*here);
  EXPECT_EQ(After(broker_, *bob), Lines());
  // One that waits for a client that has gone is its user's, too.
  Reload(With({"ann", "bob"}));
  auto gone = Come("ann", &later);
  broker_.executor.AssertOnLoop();
  gone->Vanish();
  broker_.Turn();
  Reload(With({"bob"}));
  Wait(broker_, seconds(2));
  EXPECT_EQ(After(broker_, *bob), Lines());
}

TEST_F(SessionIdentityTest, NorDoesItWaitUntilTheUserIsThereAgain) {
  const auto bob = Come("bob");
  Subscribe(*bob, "state/#");
  const esockets::Will later = WillOf("state/1", 1000);
  const auto ann = Come("ann", &later);
  Reload(With({"bob"}));
  ExpectRevoked(*ann);
  Reload(With({"ann", "bob"}));
  Wait(broker_, seconds(2));
  EXPECT_EQ(After(broker_, *bob), Lines());
}

// Of users whose group may publish: ann is in the one of these, bob in both.
class WithAGroup : public SessionIdentityTest {
 protected:
  void ReloadWith(std::string_view anns_group, std::string_view group_that_may) {
    PermissionRule rule;
    rule.actions = {Action::kPublish, Action::kSubscribe};
    rule.topics = {"state/#"};
    rule.who.groups = {std::string(group_that_may)};
    policy_ = std::make_shared<PermissionPolicy>(std::vector<PermissionRule>{rule});
    const Users users = With({"ann", "bob"});
    users->SetGroups("ann", {std::string(anns_group)});
    users->SetGroups("bob", {"staff", "night"});
    Reload(users);
  }
  // What bob hears of ann, who vanishes behind `reload`, or before it.
  Lines Heard(uint32_t delay_ms, bool vanishes_before, const std::function<void()>& reload) {
    ReloadWith("staff", "staff");
    const auto bob = Come("bob");
    Subscribe(*bob, "state/#");
    const esockets::Will will = WillOf("state/ann", delay_ms);
    const auto ann = Come("ann", &will);
    broker_.executor.AssertOnLoop();
    if (vanishes_before) ann->Vanish();
    broker_.Turn();
    reload();
    broker_.executor.AssertOnLoop();
    if (!vanishes_before) ann->Vanish();
    Wait(broker_, seconds(2));
    return After(broker_, *bob);
  }
};

TEST_F(WithAGroup, ALastWillHasTheRightsThatItsClientHasNow) {
  const Lines heard{"state/ann="};
  EXPECT_EQ(Heard(0, false, [this] { ReloadWith("night", "night"); }), heard);
  EXPECT_EQ(Heard(0, false, [this] { ReloadWith("guests", "staff"); }), Lines());
  EXPECT_EQ(Heard(1000, true, [this] { ReloadWith("night", "night"); }), heard);
  EXPECT_EQ(Heard(1000, true, [this] { ReloadWith("guests", "staff"); }), Lines());
}

// --- of authenticators that answer later, or know more

// Answers when the test says so, and knows nobody again whom it is told to forget.
class OtherAuthenticator final : public Authenticator {
 public:
  bool open() const override { return false; }
  Identity Describe(std::string_view user) const override { return {.user = std::string(user)}; }
  void Authenticate(const Credentials& credentials, const AuthPlace&, Done done) const override {
    answer_ = [this, identity = Identity{.user = std::string(credentials.token), .groups = groups},
               done = std::move(done)]() mutable {
      identity.proof = proof;
      done(std::move(identity));
    };
    if (at_once) Answer();
  }
  std::optional<Identity> Recall(Identity identity) const override {
    return recall ? recall(std::move(identity)) : identity;
  }
  void Answer() const { std::exchange(answer_, nullptr)(); }

  bool at_once = true;
  std::vector<std::string> groups;  // of who comes
  uint64_t proof = 0;
  std::function<std::optional<Identity>(Identity)> recall;

 private:
  mutable absl::AnyInvocable<void()> answer_;
};

TEST_F(SessionIdentityTest, AVerdictOfUsersThatWereReplacedIsLookedAtAgain) {
  const auto slow = std::make_shared<OtherAuthenticator>();
  slow->at_once = false;
  Reload(slow);
  const auto ann = Come("ann");
  EXPECT_TRUE(ann->session().connecting());
  Reload(With({"bob"}));
  EXPECT_FALSE(ann->sink.closed()) << "it is still asked";
  slow->Answer();
  ExpectRevoked(*ann);
}

TEST_F(SessionIdentityTest, WhoAnswersNothingElseKeepsWhoItHasLetIn) {
  const auto other = std::make_shared<OtherAuthenticator>();
  Reload(other);
  const auto ann = Come("ann");
  Reload(std::make_shared<OtherAuthenticator>());
  EXPECT_FALSE(ann->sink.closed());
  EXPECT_EQ(ann->session().identity().user, "ann");
}

TEST_F(SessionIdentityTest, ALastWillIsThatOfTheNewestToken) {
  const auto allow_to = [this](const char* group) {
    PermissionRule rule;
    rule.actions = {Action::kPublish, Action::kSubscribe};
    rule.topics = {"state/#"};
    rule.who.groups = {group};
    policy_ = std::make_shared<PermissionPolicy>(std::vector<PermissionRule>{rule});
  };
  const auto users = std::make_shared<OtherAuthenticator>();
  users->groups = {"staff"};
  allow_to("staff");
  Reload(users);
  const esockets::Will will = WillOf("state/ann");
  const auto ann = Come("ann", &will);
  users->groups = {"staff", "night"};
  const auto bob = Come("bob");
  Subscribe(*bob, "state/#");
  Refresh(*ann, "ann");
  broker_.Turn();
  allow_to("night");
  Reload(users);
  ann->Vanish();
  EXPECT_EQ(After(broker_, *bob), Lines{"state/ann="});
}

TEST_F(SessionIdentityTest, ASessionIsOneUsersFromBeginningToEnd) {
  const auto other = std::make_shared<OtherAuthenticator>();
  Reload(other);
  const auto ann = Come("ann");
  const auto another = std::make_shared<OtherAuthenticator>();
  another->recall = [](Identity identity) {
    identity.user = "eve";
    return identity;
  };
  Reload(another);
  ExpectRevoked(*ann);
}

TEST_F(SessionIdentityTest, ATokenThatIsJudgedTooLateIsRefusedAndTheOldOneCounts) {
  const auto users = std::make_shared<OtherAuthenticator>();
  Reload(users);
  const auto ann = Come("ann");
  users->at_once = false;
  Refresh(*ann, "ann");
  broker_.Turn();
  const auto others = std::make_shared<OtherAuthenticator>();
  others->recall = [](Identity identity) {
    return identity.proof == 0 ? std::optional<Identity>(std::move(identity)) : std::nullopt;
  };
  Reload(others);
  users->proof = 7;
  users->Answer();
  broker_.Turn();
  EXPECT_FALSE(ann->sink.closed());
  const auto frames = ann->sink.TakeFrames();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].error().code(), static_cast<uint32_t>(ErrorCode::kRefreshRefused));
}

TEST_F(SessionIdentityTest, TheTimeOfItsEndIsThatOfNow) {
  const auto other = std::make_shared<OtherAuthenticator>();
  Reload(other);
  const auto ann = Come("ann");
  const auto now = std::chrono::floor<seconds>(std::chrono::sys_time<std::chrono::microseconds>(
      std::chrono::microseconds(broker_.executor.clock().WallMicros())));
  const auto ends_in = [now](seconds left) {
    auto users = std::make_shared<OtherAuthenticator>();
    users->recall = [ends = now + left](Identity identity) {
      identity.expires_at = ends;
      return identity;
    };
    return users;
  };
  Reload(ends_in(seconds(10)));
  Reload(ends_in(seconds(100)));
  Wait(broker_, seconds(50));
  EXPECT_FALSE(ann->sink.closed());
  const auto endless = std::make_shared<OtherAuthenticator>();
  endless->recall = [](Identity identity) {
    identity.expires_at.reset();
    return identity;
  };
  Reload(endless);
  Wait(broker_, seconds(1000));
  EXPECT_FALSE(ann->sink.closed());
  Reload(ends_in(seconds(2000)));
  Wait(broker_, seconds(2000));
  ASSERT_TRUE(ann->sink.closed());
  EXPECT_EQ(ann->sink.closed()->code, CloseCode::kCredentialsExpired);
}

}  // namespace
}  // namespace esockets::broker
