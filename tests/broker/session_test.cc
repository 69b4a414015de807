#include "broker/session.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/errors.h"
#include "broker/local_authenticator.h"
#include "broker/shard.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "tests/broker/session_steps.h"
#include "tests/support/fake_sink.h"
#include "tests/support/sim_client.h"

namespace esockets::broker {
namespace {

using tests::FakeSink;
using tests::SimBroker;
using tests::SimClient;

TEST(Session, EachCommandHasItsAnswerInOrder) {
  SimBroker broker;
  broker.executor.AssertOnLoop();
  SimClient client(&broker, "me");
  client.Subscribe("a/+");
  client.PublishAcked("a/b", "1");
  client.Publish("a/b", "2");
  client.PublishAcked("nobody", "3");
  client.Ping(7);
  client.Unsubscribe("a/+");
  client.PublishAcked("a/b", "4");
  EXPECT_EQ(After(broker, client),
            (Lines{"subscribed 1", "a/b=1", "a/b=2", "published 2", "published 3", "pong 7",
                   "unsubscribed 4", "published 5"}));
}

TEST(Session, WhatEndsIt) {
  const struct {
    std::string_view what;
    CloseCode code;
    void (*then)(SimBroker& broker, SimClient& fresh, SimClient& connected);
    bool of_fresh;
  } cases[] = {
      {"no Connect in time", CloseCode::kConnectTimeout,
       [](SimBroker& b, SimClient&, SimClient&) { Wait(b, std::chrono::seconds(10)); }, true},
      {"something before Connect", CloseCode::kConnectExpected,
       [](SimBroker&, SimClient& f, SimClient&) { f.Ping(1); }, true},
      {"Connect twice", CloseCode::kConnectedTwice,
       [](SimBroker&, SimClient&, SimClient& c) { c.Connect("again"); }, false},
      {"goodbye", CloseCode::kGoodbye,
       [](SimBroker&, SimClient&, SimClient& c) { c.Disconnect("enough"); }, false},
      {"drained before Connect", CloseCode::kShuttingDown,
       [](SimBroker& b, SimClient& f, SimClient&) {
         b.executor.AssertOnLoop();
         f.session().Drain();
       },
       true},
      {"malformed", CloseCode::kProtocolError,
       [](SimBroker& b, SimClient&, SimClient& c) {
         b.executor.AssertOnLoop();
         c.session().End(CloseCode::kProtocolError, "");
       },
       false},
      {"taken over", CloseCode::kTakenOver,
       [](SimBroker&, SimClient& f, SimClient&) { f.Connect("me"); }, false},
  };
  for (const auto& c : cases) {
    SimBroker broker;
    broker.executor.AssertOnLoop();
    SimClient connected(&broker, "me");
    connected.Subscribe("a");
    SimClient fresh(&broker);
    c.then(broker, fresh, connected);
    SimClient& ended = c.of_fresh ? fresh : connected;
    ASSERT_TRUE(ended.sink.closed().has_value()) << c.what;
    EXPECT_EQ(ended.sink.closed()->code, c.code) << c.what;
    EXPECT_EQ(broker.shard.metrics.of(c.code).value(), 1U) << c.what;
    broker.Turn();
    EXPECT_TRUE(ended.gone());
    if (c.of_fresh) continue;
    EXPECT_EQ(broker.shard.metrics.subscriptions.value(), 0U) << c.what;
    EXPECT_EQ(broker.shard.router.index().subscribers(), 0U) << c.what;
  }
}

TEST(Session, ATimerThatIsNotNeededAnyMoreIsGone) {
  SimBroker broker;
  broker.executor.AssertOnLoop();
  {
    SimClient connected(&broker, "me");
    SimClient fresh(&broker);
    EXPECT_EQ(broker.executor.timers(), 1U);
  }
  EXPECT_EQ(broker.executor.timers(), 0U);
}

// Limits and mode of the client, in the first packet too.
TEST(Session, KeepAlive) {
  using std::chrono::milliseconds;
  SimBroker broker;
  broker.executor.AssertOnLoop();
  SimClient client(&broker);
  ClientFrame connect;
  connect.mutable_connect()->set_protocol_version(1);
  connect.mutable_connect()->set_keep_alive_ms(1000);
  client.Send(connect);
  for (int i = 0; i < 5; ++i) {
    Wait(broker, milliseconds(1400));
    ASSERT_FALSE(client.sink.closed());
    client.Ping(1);
  }
  // While we keep it from sending, its silence is ours.
  client.sink.set_reading_paused(true);
  Wait(broker, milliseconds(10'000));
  ASSERT_FALSE(client.sink.closed());
  // It may have as long again from when it is listened to.
  client.sink.set_reading_paused(false);
  client.session().OnReadResumed();
  Wait(broker, milliseconds(1400));
  ASSERT_FALSE(client.sink.closed());
  Wait(broker, milliseconds(200));
  ASSERT_TRUE(client.sink.closed());
  EXPECT_EQ(client.sink.closed()->code, CloseCode::kKeepAliveTimeout);
}

TEST(Session, TheSameIdTakesOverWithinATurn) {
  SimBroker broker;
  broker.executor.AssertOnLoop();
  SimClient first(&broker, "me");
  first.Subscribe("a");
  SimClient publisher(&broker, "");
  publisher.Publish("a", "1");
  SimClient second(&broker, "me");
  SimClient third(&broker, "me");
  third.Subscribe("a");
  publisher.Publish("a", "2");
  EXPECT_EQ(first.sink.closed()->code, CloseCode::kTakenOver);
  EXPECT_EQ(second.sink.closed()->code, CloseCode::kTakenOver);
  EXPECT_EQ(After(broker, third), (Lines{"subscribed 1", "a=2"}));
  EXPECT_EQ(broker.shard.clients.Find(broker.shard.client_ids.Find("me")->session),
            &third.session());
  EXPECT_EQ(broker.shard.clients.size(), 2U);
}

TEST(Session, AFullBrokerStillLetsAClientTakeOverItself) {
  Settings settings;
  settings.limits.clients_max = 1;
  SimBroker broker(settings);
  broker.executor.AssertOnLoop();
  SimClient first(&broker, "me");
  SimClient other(&broker);
  other.Connect("other");
  EXPECT_EQ(other.sink.closed()->code, CloseCode::kTooManyClients);
  SimClient again(&broker, "me");
  EXPECT_EQ(first.sink.closed()->code, CloseCode::kTakenOver);
}

TEST(Session, AnIdOfAnotherUserIsNotTakenOver) {
  auto users = std::make_shared<LocalAuthenticator>();
  users->AddToken("ann", "a", false);
  users->AddToken("bob", "b", false);
  Settings settings;
  settings.authenticator = users;
  SimBroker broker(settings);
  broker.executor.AssertOnLoop();
  const auto connect = [&](SimClient& client, const char* token) {
    broker.executor.AssertOnLoop();
    ClientFrame frame;
    frame.mutable_connect()->set_protocol_version(1);
    frame.mutable_connect()->set_client_id("me");
    frame.mutable_connect()->set_token(token);
    client.Send(frame);
  };
  SimClient ann(&broker), bob(&broker), nobody(&broker);
  connect(ann, "a");
  connect(bob, "b");
  connect(nobody, "c");
  EXPECT_FALSE(ann.sink.closed());
  EXPECT_EQ(bob.sink.closed()->code, CloseCode::kClientIdInvalid);
  EXPECT_EQ(nobody.sink.closed()->code, CloseCode::kNotAuthenticated);
  // Ann may not administrate.
  ann.Request("$SYS/info", "");
  EXPECT_EQ(After(broker, ann).back(), "error 1 120");
}

TEST(Session, DrainingSendsWhatWaitsAndThenCloses) {
  SimBroker broker(Small());
  broker.executor.AssertOnLoop();
  SimClient idle(&broker, "idle");
  SimClient behind(&broker, "behind");
  behind.Subscribe("a");
  FallBehind(broker, behind, "a");
  SimClient publisher(&broker, "");
  publisher.Publish("a", "1");
  broker.Turn();
  ASSERT_TRUE(behind.session().outbox().behind());
  broker.totals.reconnect_slots.Take(2000, broker.executor.TurnTime());
  idle.session().Drain();
  behind.session().Drain();
  ASSERT_TRUE(idle.sink.closed());
  EXPECT_TRUE(idle.sink.closed()->flush_first);
  EXPECT_EQ(idle.sink.closed()->retry_after_ms, 0U) << "half a millisecond";
  EXPECT_EQ(After(broker, idle), (Lines{"go away 250"}));
  EXPECT_FALSE(behind.sink.closed());

  behind.sink.Read(FakeSink::kUnlimited);
  broker.Turn();
  broker.Turn();
  ASSERT_TRUE(behind.sink.closed());
  EXPECT_EQ(behind.sink.closed()->code, CloseCode::kShuttingDown);
  EXPECT_EQ(After(broker, behind).back(), "a=1");
}

TEST(Session, AReasonIsNotCutInsideACharacter) {
  Settings settings;
  settings.limits.disconnect_reason_bytes_max = 4;
  SimBroker broker(settings);
  broker.executor.AssertOnLoop();
  SimClient client(&broker, "me");
  client.Disconnect("abc\u20ac");
  EXPECT_EQ(client.sink.closed()->detail, "abc");
}

}  // namespace
}  // namespace esockets::broker
