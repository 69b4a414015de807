// Limits of one client and of one user, as a session keeps them.
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "broker/local_authenticator.h"
#include "broker/settings_change.h"
#include "broker/shard.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "tests/broker/session_steps.h"
#include "tests/support/sim_client.h"

namespace esockets::broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using tests::SimBroker;
using tests::SimClient;

// --- how fast a client sends

class SessionRatesTest : public testing::Test {
 protected:
  static Settings TenASecond() {
    Settings settings;
    settings.limits.rates.messages_in_per_second_max = 10;
    return settings;
  }
  SessionRatesTest() {
    broker_.executor.AssertOnLoop();
    subscriber_.Subscribe("#");
    After(broker_, subscriber_);
  }

  SimBroker broker_{TenASecond()};
  SimClient subscriber_{&broker_, "subscriber"};
  SimClient publisher_{&broker_, "publisher"};
};

TEST_F(SessionRatesTest, WhoIsTooFastIsReadFromLaterAndLosesNothing) {
  broker_.executor.AssertOnLoop();
  for (int i = 0; i < 25; ++i) publisher_.PublishAcked("a", base::StrCat(i));
  size_t arrived = After(broker_, subscriber_).size();
  EXPECT_EQ(arrived, 10U);
  EXPECT_TRUE(publisher_.sink.reading_paused());
  EXPECT_EQ(publisher_.waiting_frames(), 15U);
  EXPECT_EQ(broker_.shard.metrics.input_pauses_total.value(), 1U);
  for (int step = 0; step < 15; ++step) {
    Wait(broker_, milliseconds(100));
    broker_.Turn();
    arrived += After(broker_, subscriber_).size();
  }
  EXPECT_EQ(arrived, 25U);
  EXPECT_EQ(publisher_.waiting_frames(), 0U);
  Wait(broker_, seconds(3));
  broker_.Turn();
  EXPECT_FALSE(publisher_.sink.reading_paused());
}

// They are taken together; what is above the rate is a debt.
TEST_F(SessionRatesTest, ABatchCountsForAsManyAsItHas) {
  broker_.executor.AssertOnLoop();
  publisher_.Cork();
  for (int i = 0; i < 30; ++i) publisher_.Publish("a", "x");
  publisher_.Uncork();
  EXPECT_EQ(After(broker_, subscriber_).size(), 30U);
  EXPECT_TRUE(publisher_.sink.reading_paused());
  Wait(broker_, milliseconds(2000));
  EXPECT_TRUE(publisher_.sink.reading_paused()) << "20 too many are two seconds, and one more";
  Wait(broker_, milliseconds(100));
  EXPECT_FALSE(publisher_.sink.reading_paused());
}

TEST_F(SessionRatesTest, EveryCommandCountsAndNobodyElseWaits) {
  broker_.executor.AssertOnLoop();
  for (uint64_t i = 1; i <= 12; ++i) publisher_.Ping(i);
  EXPECT_TRUE(publisher_.sink.reading_paused());
  EXPECT_FALSE(subscriber_.sink.reading_paused());
}

TEST_F(SessionRatesTest, WhoGoesWhileItWaitsIsForgotten) {
  broker_.executor.AssertOnLoop();
  for (uint64_t i = 1; i <= 12; ++i) publisher_.Ping(i);
  publisher_.Vanish();
  Wait(broker_, seconds(3));
  broker_.Turn();
}

// --- how many clients a user has

class UserQuotaTest : public testing::Test {
 protected:
  static Settings TwoEach() {
    auto users = std::make_shared<LocalAuthenticator>();
    users->AddToken("ann", "ann", false);
    users->AddToken("bob", "bob", false);
    users->AllowAnonymous();
    Settings settings;
    settings.authenticator = std::move(users);
    settings.limits.clients_per_user_max = 2;
    return settings;
  }
  std::unique_ptr<SimClient> Come(std::string_view user, std::string_view id,
                                  std::string_view will = {}) {
    broker_.executor.AssertOnLoop();
    auto client = std::make_unique<SimClient>(&broker_);
    ClientFrame frame;
    frame.mutable_connect()->set_protocol_version(1);
    frame.mutable_connect()->set_client_id(std::string(id));
    frame.mutable_connect()->set_token(std::string(user));
    if (!will.empty()) {
      frame.mutable_connect()->mutable_will()->mutable_message()->set_topic(std::string(will));
    }
    client->Send(frame);
    After(broker_, *client);
    return client;
  }

  SimBroker broker_{TwoEach()};
};

TEST_F(UserQuotaTest, OneTooManyIsToldAndLeavesNothing) {
  const auto watcher = Come("bob", "watcher");
  broker_.executor.AssertOnLoop();
  watcher->Subscribe("#");
  After(broker_, *watcher);
  const auto first = Come("ann", "1"), second = Come("ann", "2");
  const auto third = Come("ann", "3", "will");
  ASSERT_TRUE(third->sink.closed());
  EXPECT_EQ(third->sink.closed()->code, CloseCode::kTooManyClients);
  EXPECT_EQ(third->sink.closed()->detail, "limit 2 of one user");
  EXPECT_EQ(After(broker_, *watcher), Lines()) << "its will is not published";
  EXPECT_FALSE(Come("bob", "4")->sink.closed()) << "another user";
  EXPECT_FALSE(first->sink.closed() || second->sink.closed());
}

TEST_F(UserQuotaTest, WhoTakesOverAndWhoLeavesMakesRoom) {
  auto first = Come("ann", "1"), second = Come("ann", "2");
  auto again = Come("ann", "2");
  EXPECT_FALSE(again->sink.closed());
  ASSERT_TRUE(second->sink.closed());
  EXPECT_EQ(second->sink.closed()->code, CloseCode::kTakenOver);
  broker_.executor.AssertOnLoop();
  first->Vanish();
  broker_.Turn();
  EXPECT_FALSE(Come("ann", "3")->sink.closed());
  again->Vanish();
  broker_.Turn();
  EXPECT_EQ(broker_.shard.totals.users.users(), 0U);
}

TEST_F(UserQuotaTest, WhoHasNoNameIsNoUser) {
  std::vector<std::unique_ptr<SimClient>> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(Come("", base::StrCat("nameless-", i)));
    EXPECT_FALSE(clients.back()->sink.closed());
  }
}

TEST_F(UserQuotaTest, ANewLimitHoldsForWhoComes) {
  const auto first = Come("ann", "1"), second = Come("ann", "2");
  Settings settings = TwoEach();
  settings.limits.clients_per_user_max = 1;
  broker_.executor.AssertOnLoop();
  ReplaceSettings(&broker_.shard, settings);
  EXPECT_FALSE(first->sink.closed() || second->sink.closed());
  EXPECT_TRUE(Come("ann", "3")->sink.closed());
  settings.limits.clients_per_user_max = 0;
  broker_.executor.AssertOnLoop();
  ReplaceSettings(&broker_.shard, settings);
  EXPECT_FALSE(Come("ann", "4")->sink.closed());
}

}  // namespace
}  // namespace esockets::broker
