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

// --- how fast it is sent to

class PacedTest : public testing::Test {
 protected:
  static Settings TenASecond() {
    Settings settings;
    settings.limits.rates.messages_out_per_second_max = 10;
    settings.streams.push_back({.name = "kept", .filter = "kept/#"});
    return settings;
  }
  void Publish(int from, int to, std::string_view topic = "a") {
    broker_.executor.AssertOnLoop();
    for (int i = from; i < to; ++i) publisher_.Publish(topic, base::StrCat(i));
  }
  Lines ArrivesWithin(base::Duration time) {
    Lines all;
    for (base::Duration passed{}; passed <= time; passed += milliseconds(50)) {
      broker_.executor.AssertOnLoop();
      for (std::string& line : After(broker_, subscriber_)) all.push_back(std::move(line));
      Wait(broker_, milliseconds(50));
    }
    return all;
  }
  static Lines Numbers(std::string_view topic, int from, int to) {
    Lines lines;
    for (int i = from; i < to; ++i) lines.push_back(base::StrCat(topic, "=", i));
    return lines;
  }

  SimBroker broker_{TenASecond()};
  SimClient subscriber_{&broker_, "subscriber"};
  SimClient publisher_{&broker_, "publisher"};
};

TEST_F(PacedTest, WhatIsAboveTheRateWaitsAndComesInOrder) {
  broker_.executor.AssertOnLoop();
  subscriber_.Subscribe("#");
  After(broker_, subscriber_);
  publisher_.Cork();
  Publish(0, 15);
  publisher_.Uncork();
  EXPECT_EQ(After(broker_, subscriber_), Numbers("a", 0, 10)) << "a run above the rate is cut";
  EXPECT_EQ(ArrivesWithin(milliseconds(250)), Numbers("a", 10, 12));
  Publish(15, 16);
  EXPECT_EQ(ArrivesWithin(milliseconds(500)), Numbers("a", 12, 16));
  EXPECT_GE(broker_.shard.metrics.output_pauses_total.value(), 4U);
  EXPECT_FALSE(subscriber_.session().outbox().behind());
  EXPECT_EQ(broker_.shard.metrics.dropped_messages_total.value(), 0U);
}

// The contract of the subscription decides, as for a client that does not read.
TEST_F(PacedTest, ItsContractDecidesWhatIsLost) {
  broker_.executor.AssertOnLoop();
  subscriber_.Subscribe("a", {.overflow = OVERFLOW_CONFLATE});
  After(broker_, subscriber_);
  Publish(0, 30);
  Lines arrived = ArrivesWithin(milliseconds(1000));
  EXPECT_EQ(arrived.front(), "a=0");
  EXPECT_EQ(arrived[10], "a=29") << "the newest";
  EXPECT_EQ(arrived.back(), "gap a 19");
  EXPECT_EQ(arrived.size(), 12U);
}

TEST_F(PacedTest, BytesCountAndALargeMessageIsNotKeptForEver) {
  Settings settings = TenASecond();
  settings.limits.rates = {.bytes_out_per_second_max = 1000};
  broker_.executor.AssertOnLoop();
  ReplaceSettings(&broker_.shard, settings);
  subscriber_.Subscribe("a");
  After(broker_, subscriber_);
  publisher_.Publish("a", std::string(3000, 'x'));
  publisher_.Publish("a", "next");
  EXPECT_EQ(After(broker_, subscriber_).size(), 1U) << "the bucket was full";
  EXPECT_EQ(ArrivesWithin(milliseconds(1800)), Lines());
  EXPECT_EQ(ArrivesWithin(milliseconds(600)), Lines{"a=next"});
}

TEST_F(PacedTest, AStreamIsReadAtThatPace) {
  broker_.executor.AssertOnLoop();
  Publish(0, 30, "kept/a");
  Wait(broker_, seconds(1));
  subscriber_.Subscribe("kept/#", {.overflow = OVERFLOW_REPLAY, .start = START_AFTER_POSITION});
  const Lines at_once = ArrivesWithin(milliseconds(50));
  EXPECT_EQ(at_once.size(), 11U) << "the answer, and a second's worth";
  EXPECT_EQ(ArrivesWithin(milliseconds(950)).size(), 10U);
  EXPECT_EQ(ArrivesWithin(milliseconds(1500)).size(), 10U);
  Publish(30, 31, "kept/a");
  EXPECT_EQ(ArrivesWithin(milliseconds(150)), Lines{"31 kept/a=30"});
}

TEST_F(PacedTest, NobodyElseWaitsAndWhoGoesIsForgotten) {
  broker_.executor.AssertOnLoop();
  SimClient other(&broker_, "other");
  subscriber_.Subscribe("a");
  other.Subscribe("b");
  broker_.Turn();
  other.Lines();
  Publish(0, 20, "a");
  Publish(0, 5, "b");
  EXPECT_EQ(After(broker_, other), Numbers("b", 0, 5));
  subscriber_.Vanish();
  Wait(broker_, seconds(3));
  broker_.Turn();
}

TEST_F(PacedTest, WithoutTheLimitTheRestComesAtOnce) {
  broker_.executor.AssertOnLoop();
  subscriber_.Subscribe("a");
  After(broker_, subscriber_);
  Publish(0, 30);
  EXPECT_EQ(After(broker_, subscriber_).size(), 10U);
  ReplaceSettings(&broker_.shard, {});
  EXPECT_EQ(ArrivesWithin(milliseconds(200)), Numbers("a", 10, 30));
}

// --- limits of a class

class ClientClassesTest : public testing::Test {
 protected:
  static Settings Two(uint32_t robots_max = 2) {
    auto users = std::make_shared<LocalAuthenticator>();
    users->AddToken("ann", "ann", false);
    users->SetGroups("ann", {"robots"});
    users->AddToken("bob", "bob", false);
    users->AllowAnonymous();
    Settings settings;
    settings.authenticator = std::move(users);
    std::vector<ClientClass> classes(2);
    classes[0].name = "robots";
    classes[0].who.groups = {"robots"};
    classes[0].clients_max = robots_max;
    classes[0].limits.payload_bytes_max = 4;
    classes[0].limits.subscriptions_max = 1;
    classes[0].limits.wildcard_levels_max = 2;
    classes[0].limits.stream_readings_max = 1;
    classes[1].name = "outside";
    classes[1].listeners = {7};
    classes[1].limits.rates.messages_in_per_second_max = 5;
    settings.classes = ClientClasses(std::move(classes));
    return settings;
  }
  std::unique_ptr<SimClient> Come(std::string_view user, size_t listener = 0) {
    broker_.executor.AssertOnLoop();
    auto client = std::make_unique<SimClient>(&broker_);
    client->sink.set_listener(listener);
    ClientFrame frame;
    frame.mutable_connect()->set_protocol_version(1);
    frame.mutable_connect()->set_token(std::string(user));
    client->Send(frame);
    connected_ = After(broker_, *client);
    return client;
  }

  SimBroker broker_{Two()};
  Lines connected_;
};

TEST_F(ClientClassesTest, EachHasItsOwnAndTheRestThoseOfAll) {
  const auto ann = Come("ann"), bob = Come("bob");
  broker_.executor.AssertOnLoop();
  EXPECT_EQ(ann->session().limits().subscriptions_max, 1U);
  EXPECT_EQ(bob->session().limits().subscriptions_max, 10'000U);
  ann->Publish("a", "12345");
  bob->Publish("a", "12345");
  EXPECT_EQ(After(broker_, *ann), Lines{"error 0 130"});
  EXPECT_EQ(After(broker_, *bob), Lines());
  ann->Subscribe("a/b/+");
  EXPECT_EQ(After(broker_, *ann), Lines{"error 1 111"}) << "three levels";
  ann->Subscribe("a/+");
  ann->Subscribe("b");
  EXPECT_EQ(After(broker_, *ann), (Lines{"subscribed 2", "error 3 121"}));
}

TEST_F(ClientClassesTest, WhereItComesInCounts) {
  const auto inside = Come("bob"), outside = Come("bob", 7);
  broker_.executor.AssertOnLoop();
  for (uint64_t i = 1; i <= 6; ++i) inside->Ping(i), outside->Ping(i);
  EXPECT_FALSE(inside->sink.reading_paused());
  EXPECT_TRUE(outside->sink.reading_paused());
}

TEST_F(ClientClassesTest, AClassMayBeFull) {
  const auto first = Come("ann"), second = Come("ann");
  const auto third = Come("ann");
  ASSERT_TRUE(third->sink.closed());
  EXPECT_EQ(third->sink.closed()->detail, "limit 2 of class robots");
  EXPECT_EQ(broker_.totals.classes.Of("robots"), 2U);
  EXPECT_EQ(broker_.totals.users.Of("ann"), 2U) << "who was refused has left again";
  EXPECT_FALSE(Come("bob")->sink.closed());
  broker_.executor.AssertOnLoop();
  first->Vanish();
  broker_.Turn();
  EXPECT_FALSE(Come("ann")->sink.closed());
}

TEST_F(ClientClassesTest, OtherSettingsAreOtherClasses) {
  const auto ann = Come("ann"), outside = Come("", 7);
  Settings settings = Two();
  std::vector<ClientClass> classes = settings.classes.all();
  classes.erase(classes.begin());
  settings.classes = ClientClasses(std::move(classes));
  broker_.executor.AssertOnLoop();
  ReplaceSettings(&broker_.shard, settings);
  EXPECT_EQ(ann->session().limits().subscriptions_max, 10'000U);
  EXPECT_EQ(broker_.totals.classes.Of("robots"), 0U);
  EXPECT_EQ(outside->session().limits().rates.messages_in_per_second_max, 5U);
  EXPECT_EQ(broker_.totals.classes.Of("outside"), 1U);
  ReplaceSettings(&broker_.shard, {});
  EXPECT_EQ(broker_.totals.classes.names(), 0U);
  ReplaceSettings(&broker_.shard, Two(/*robots_max=*/0));
  EXPECT_EQ(broker_.totals.classes.Of("robots"), 1U);
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
  EXPECT_EQ(broker_.shard.totals.users.names(), 0U);
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
