#include "broker/session_tickets.h"

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
#include "broker/resume_tickets.h"
#include "broker/settings_change.h"
#include "broker/shard.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "tests/broker/session_steps.h"
#include "tests/support/cluster_test.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/sim_client.h"

namespace esockets::broker {
namespace {

using std::chrono::hours;
using tests::SimBroker;
using tests::SimClient;

std::shared_ptr<LocalAuthenticator> Users(std::string_view anns_password = "secret") {
  auto users = std::make_shared<LocalAuthenticator>();
  users->AddPassword("ann", anns_password, false);
  users->AddPassword("bob", "secret", false);
  users->SetGroups("ann", {"staff"});
  return users;
}

class SessionTicketsTest : public testing::Test {
 protected:
  Settings With(std::shared_ptr<const Authenticator> users) const {
    Settings settings;
    settings.authenticator = std::move(users);
    settings.tickets = tickets_;
    return settings;
  }
  struct Shown {
    std::string client_id = "phone";
    std::string user{};
    std::string ticket{};
    std::string password = "secret";  // if there is a user
  };
  // Returns Connected, or Close.
  ServerFrame Connect(const Shown& shown) {
    broker_.executor.AssertOnLoop();
    client_ = std::make_unique<SimClient>(&broker_);
    ClientFrame frame;
    esockets::Connect& connect = *frame.mutable_connect();
    connect.set_protocol_version(1);
    connect.set_client_id(shown.client_id);
    connect.set_user(shown.user);
    if (!shown.user.empty()) connect.set_password(shown.password);
    connect.set_resume(shown.ticket);
    client_->Send(frame);
    broker_.Turn();
    const auto frames = client_->sink.TakeFrames();
    if (!frames.empty()) return frames[0];
    ServerFrame closed;
    closed.mutable_close()->set_code(static_cast<uint32_t>(client_->sink.closed()->code));
    closed.mutable_close()->set_detail(client_->sink.closed()->detail);
    return closed;
  }
  std::string TicketOf(const Shown& shown) { return Connect(shown).connected().ticket(); }
  void ExpectRefused(const Shown& shown, std::string_view detail) {
    const ServerFrame frame = Connect(shown);
    EXPECT_EQ(frame.close().code(), static_cast<uint32_t>(CloseCode::kNotAuthenticated));
    EXPECT_EQ(frame.close().detail(), detail);
  }
  uint64_t Counted(TicketOutcome outcome) { return broker_.shard.metrics.of(outcome).value(); }

  std::shared_ptr<const ResumeTickets> tickets_ =
      std::make_shared<const ResumeTickets>(TicketKeys::Random(), hours(1));
  SimBroker broker_{With(Users())};
  std::unique_ptr<SimClient> client_;
};

TEST_F(SessionTicketsTest, StandsForCredentialsOnceAndIsFollowedByAnother) {
  const std::string first = TicketOf({.user = "ann"});
  ASSERT_FALSE(first.empty());
  const ServerFrame again = Connect({.ticket = first});
  ASSERT_TRUE(again.has_connected());
  EXPECT_EQ(client_->session().identity().user, "ann");
  EXPECT_EQ(client_->session().identity().groups, std::vector<std::string>{"staff"});
  const std::string second = again.connected().ticket();
  EXPECT_NE(second, first);
  ExpectRefused({.ticket = first}, "the ticket was used before");
  EXPECT_TRUE(Connect({.ticket = second}).has_connected());
  EXPECT_EQ(Counted(TicketOutcome::kTaken), 2U);
  EXPECT_EQ(Counted(TicketOutcome::kUsed), 1U);
}

TEST_F(SessionTicketsTest, WhatIsNotTakenCredentialsDecide) {
  const std::string ticket = TicketOf({.user = "ann"});
  EXPECT_TRUE(Connect({.user = "ann", .ticket = ticket + "x"}).has_connected());
  EXPECT_EQ(Counted(TicketOutcome::kInvalid), 1U);
  // A good ticket does not hide that it is another who shows it.
  EXPECT_TRUE(Connect({.client_id = "tablet", .user = "bob", .ticket = ticket}).has_connected());
  EXPECT_EQ(client_->session().identity().user, "bob");
  EXPECT_EQ(Counted(TicketOutcome::kOtherClient), 1U);
  ExpectRefused({.user = "ann", .ticket = "x", .password = "wrong"}, "");
}

TEST_F(SessionTicketsTest, WithoutOthersTheClientIsToldWhatIsWrong) {
  const std::string ticket = TicketOf({.user = "ann"});
  ExpectRefused({.ticket = "forged"}, "the ticket is not valid here");
  ExpectRefused({.client_id = "laptop", .ticket = ticket},
                "the ticket is that of another client id");
  Wait(broker_, hours(1));
  ExpectRefused({.ticket = ticket}, "the ticket has expired");
}

TEST_F(SessionTicketsTest, NobodyBecomesAnonymousByABadTicket) {
  auto users = Users();
  users->AllowAnonymous();
  broker_.executor.AssertOnLoop();
  ReplaceSettings(&broker_.shard, With(users));
  ExpectRefused({.ticket = "forged"}, "the ticket is not valid here");
  const ServerFrame anonymous = Connect({});
  ASSERT_TRUE(anonymous.has_connected());
  EXPECT_EQ(anonymous.connected().ticket(), "") << "it would stand for nothing";
}

TEST_F(SessionTicketsTest, AnotherPasswordOrNoSuchUserMakesItVoid) {
  const std::string ticket = TicketOf({.user = "ann"});
  broker_.executor.AssertOnLoop();
  ReplaceSettings(&broker_.shard, With(Users("changed")));
  ExpectRefused({.ticket = ticket}, "the ticket is that of credentials that do not count any more");
  auto bob_alone = std::make_shared<LocalAuthenticator>();
  bob_alone->AddPassword("bob", "secret", false);
  broker_.executor.AssertOnLoop();
  ReplaceSettings(&broker_.shard, With(bob_alone));
  ExpectRefused({.ticket = ticket}, "the ticket is that of credentials that do not count any more");
  broker_.executor.AssertOnLoop();
  ReplaceSettings(&broker_.shard, With(Users()));
  EXPECT_TRUE(Connect({.ticket = ticket}).has_connected()) << "it was not used";
}

TEST_F(SessionTicketsTest, RightsAreThoseOfNow) {
  const std::string ticket = TicketOf({.user = "ann"});
  auto users = Users();
  users->SetGroups("ann", {"guests"});
  broker_.executor.AssertOnLoop();
  ReplaceSettings(&broker_.shard, With(users));
  ASSERT_TRUE(Connect({.ticket = ticket}).has_connected());
  EXPECT_EQ(client_->session().identity().groups, std::vector<std::string>{"guests"});
}

TEST_F(SessionTicketsTest, WhoHasNoClientIdGetsOneAgain) {
  const std::string ticket = TicketOf({.client_id = "", .user = "ann"});
  EXPECT_TRUE(Connect({.client_id = "", .ticket = ticket}).has_connected());
  ExpectRefused({.client_id = "phone", .ticket = TicketOf({.client_id = "", .user = "ann"})},
                "the ticket is that of another client id");
}

TEST_F(SessionTicketsTest, GoAwayHasAFreshOneAndATimeForEach) {
  Connect({.client_id = "a", .user = "ann"});
  const auto first = std::move(client_);
  Connect({.client_id = "b", .user = "ann"});
  Settings settings = With(Users());
  settings.limits.reconnects_per_second = 10;
  broker_.executor.AssertOnLoop();
  ReplaceSettings(&broker_.shard, settings);
  for (SimClient* const client : {first.get(), client_.get()}) client->session().Drain();
  broker_.Turn();
  const ServerFrame a = first->sink.TakeFrames()[0], b = client_->sink.TakeFrames()[0];
  EXPECT_EQ(a.go_away().retry_after_ms(), 0U);
  EXPECT_EQ(b.go_away().retry_after_ms(), 100U);
  EXPECT_EQ(client_->sink.closed()->retry_after_ms, 100U) << "Close says the same";
  EXPECT_TRUE(Connect({.client_id = "b", .ticket = b.go_away().ticket()}).has_connected());
}

TEST_F(SessionTicketsTest, WithoutThemNothingChanges) {
  Settings settings = With(Users());
  settings.tickets = nullptr;
  broker_.executor.AssertOnLoop();
  ReplaceSettings(&broker_.shard, settings);
  const ServerFrame connected = Connect({.user = "ann", .ticket = "whatever"});
  ASSERT_TRUE(connected.has_connected());
  EXPECT_EQ(connected.connected().ticket(), "");
  ExpectRefused({.ticket = "whatever"}, "");
}

TEST_F(SessionTicketsTest, WhereEverybodyComesInThereAreNone) {
  broker_.executor.AssertOnLoop();
  ReplaceSettings(&broker_.shard, With(std::make_shared<LocalAuthenticator>()));
  const ServerFrame connected = Connect({.user = "ann", .ticket = "whatever"});
  ASSERT_TRUE(connected.has_connected());
  EXPECT_EQ(connected.connected().ticket(), "");
}

// --- where it was -------------------------------------------------------------------------------

PermissionRule Rule(std::string_view user, ActionSet actions) {
  PermissionRule rule;
  rule.name = user;
  rule.who.users = {std::string(user)};
  rule.actions = actions;
  rule.topics = {"#"};
  return rule;
}

// Ann hears what is published, and may not read what was kept.
class WhereItWasTest : public tests::ClusterTest {
 protected:
  WhereItWasTest() {
    auto users = std::make_shared<LocalAuthenticator>();
    users->AddToken("ann", "ann", false);
    users->AddToken("bob", "bob", false);
    settings_.authenticator = users;
    settings_.tickets = std::make_shared<const ResumeTickets>(TicketKeys::Random(), hours(1));
    settings_.streams = {{.name = "other", .filter = "other/#"},
                         {.name = "kept", .filter = "kept/#"}};
    settings_.permissions = std::make_shared<PermissionPolicy>(
        std::vector{Rule("ann", {Action::kSubscribe}), Rule("bob", {Action::kPublish})});
    Start();
    bob_ = Enter({.client_id = "bob", .token = "bob"});
    Publish(1, 3);
    Pass(std::chrono::seconds(2));
    ann_ = Enter({.token = "ann"});
    epoch_ = Subscribe({}).subscribed().stream().epoch();
    Publish(4, 5);
    EXPECT_EQ(ann_->Lines(), (Lines{"4 kept/a=4", "5 kept/a=5"}));
  }
  struct Shown {
    std::string client_id = "phone";
    std::string token{};
    std::string ticket{};
  };
  std::unique_ptr<SimClient> Enter(const Shown& shown) {
    auto client = Show(shown.client_id, shown.token, shown.ticket);
    const auto frames = client->sink.TakeFrames();
    EXPECT_TRUE(frames.size() == 1 && frames[0].has_connected());
    if (shown.client_id == "phone" && !frames.empty()) ticket_ = frames[0].connected().ticket();
    return client;
  }
  // Her connection is lost; the snapshot that others came with grows old.
  void Lose() {
    tests::PretendOnLoop();
    ann_->Vanish();
    Settle();
    Pass(std::chrono::seconds(2));
    Settle();
  }
  void Publish(int from, int to) { ClusterTest::Publish(*bob_, "kept/a", from, to); }
  // Returns its answer.
  ServerFrame Subscribe(const SimClient::Options& options) {
    tests::PretendOnLoop();
    ann_->Subscribe("kept/#", options);
    Settle();
    auto frames = ann_->sink.TakeFrames();
    EXPECT_FALSE(frames.empty());
    lines_.clear();
    for (const ServerFrame& frame : frames) lines_.push_back(tests::LineOf(frame));
    return frames.empty() ? ServerFrame() : frames[0];
  }
  ServerFrame SubscribeBehind(uint64_t position, uint64_t epoch) {
    return Subscribe({.start = START_AFTER_POSITION, .start_at = position, .start_epoch = epoch});
  }
  void ExpectNow(const ServerFrame& answer, uint64_t position) {
    ASSERT_TRUE(answer.has_subscribed()) << answer.ShortDebugString();
    EXPECT_FALSE(answer.subscribed().stream().recovered());
    EXPECT_EQ(answer.subscribed().stream().position(), position);
    EXPECT_EQ(lines_.size(), 1U);
  }

  std::unique_ptr<SimClient> bob_;
  std::unique_ptr<SimClient> ann_;
  std::string ticket_;  // ann's last
  uint64_t epoch_ = 0;
  Lines lines_;  // the answer, and what came behind it
};
INSTANTIATE_TEST_SUITE_P(Loops, WhereItWasTest, tests::LoopCounts(), tests::LoopCountName);

TEST_P(WhereItWasTest, ATicketBringsWhatWasPublishedMeanwhileWithoutTheRightToThePast) {
  Lose();
  Publish(6, 7);
  ann_ = Enter({.ticket = ticket_});
  EXPECT_TRUE(SubscribeBehind(5, epoch_).subscribed().stream().recovered());
  EXPECT_EQ(lines_, (Lines{"subscribed 1 behind 5", "6 kept/a=6", "7 kept/a=7"}));
  Publish(8, 8);
  EXPECT_EQ(ann_->Lines(), Lines{"8 kept/a=8"});
}

TEST_P(WhereItWasTest, WhatWasBeforeItCameStaysClosed) {
  Lose();
  ann_ = Enter({.ticket = ticket_});
  ExpectNow(SubscribeBehind(2, epoch_), 5);
  EXPECT_EQ(Subscribe({.start = START_LAST, .start_at = 1}).error().code(),
            static_cast<uint32_t>(ErrorCode::kNotPermitted));
}

TEST_P(WhereItWasTest, WithoutATicketAPositionProvesNothing) {
  Lose();
  Publish(6, 7);
  ann_ = Enter({.token = "ann"});
  ExpectNow(SubscribeBehind(5, epoch_), 7);
  Publish(8, 8);
  EXPECT_EQ(ann_->Lines(), Lines{"8 kept/a=8"});
}

TEST_P(WhereItWasTest, OfAnotherEpochItProvesNothing) {
  Lose();
  ann_ = Enter({.ticket = ticket_});
  ExpectNow(SubscribeBehind(5, epoch_ + 1), 5);
  Lose();
  ann_ = Enter({.ticket = ticket_});
  ExpectNow(SubscribeBehind(0, 0), 5);
}

// A slow reader may lose its connection twice before it has caught up.
TEST_P(WhereItWasTest, TheNextTicketSaysTheSame) {
  Lose();
  Publish(6, 7);
  ann_ = Enter({.ticket = ticket_});
  Lose();
  Publish(8, 8);
  ann_ = Enter({.ticket = ticket_});
  EXPECT_TRUE(SubscribeBehind(4, epoch_).subscribed().stream().recovered());
  EXPECT_EQ(lines_, (Lines{"subscribed 1 behind 4", "5 kept/a=5", "6 kept/a=6", "7 kept/a=7",
                           "8 kept/a=8"}));
}

// New rules end what reads the past, and this is none.
TEST_P(WhereItWasTest, NewRulesDoNotEndIt) {
  Lose();
  Publish(6, 7);
  ann_ = Enter({.ticket = ticket_});
  tests::PretendOnLoop();
  ann_->sink.set_window(0);
  ann_->Subscribe("kept/#", {.start = START_AFTER_POSITION, .start_at = 3, .start_epoch = epoch_});
  ForEachLoop([&](Shard& shard) {
    shard.executor.AssertOnLoop();
    ReplaceSettings(&shard, settings_);
  });
  ann_->sink.set_window(tests::FakeSink::kUnlimited);
  ann_->sink.Read(1'000'000);
  Settle();
  EXPECT_EQ(ann_->Lines(), (Lines{"subscribed 1 behind 3", "4 kept/a=4", "5 kept/a=5", "6 kept/a=6",
                                  "7 kept/a=7"}));
}

}  // namespace
}  // namespace esockets::broker
