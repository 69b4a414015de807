#include <string>
#include <string_view>
#include <vector>

#include "broker/errors.h"
#include "broker/session.h"
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

TEST(SessionCommands, RequestIdsRise) {
  SimBroker broker;
  broker.executor.AssertOnLoop();
  SimClient client(&broker, "me");
  ClientFrame frame;
  frame.mutable_subscribe()->set_filter("a");
  Lines expected;
  const struct {
    uint64_t id;
    std::string_view answer;
  } cases[] = {{0, "error 0 100"},
               {5, "subscribed 5"},
               {5, "error 5 101"},
               {4, "error 4 101"},
               {6, "subscribed 6"}};
  for (const auto& c : cases) {
    frame.mutable_subscribe()->set_id(c.id);
    client.Send(frame);
    expected.emplace_back(c.answer);
  }
  EXPECT_EQ(After(broker, client), expected);
  EXPECT_EQ(broker.shard.metrics.subscriptions.value(), 1U);
}

TEST(SessionCommands, LimitsHoldFromTheMomentTheyAreReplaced) {
  SimBroker broker;
  broker.executor.AssertOnLoop();
  SimClient client(&broker, "me");
  client.Subscribe("a");
  Settings settings;
  settings.limits.subscriptions_max = 1;
  settings.limits.payload_bytes_max = 3;
  settings.delivery.otherwise = Overflow::kDisconnect;
  broker.shard.Replace(settings);
  client.Subscribe("b");
  client.Subscribe("a");
  client.PublishAcked("x", "1234");
  client.PublishAcked("x", "123");
  EXPECT_EQ(After(broker, client),
            (Lines{"subscribed 1", "error 2 121", "subscribed 3", "error 4 130", "published 5"}));
  client.session().subscriptions().ForEach(
      [](const Subscription& only) { EXPECT_EQ(only.overflow, Overflow::kDisconnect); });
}

TEST(SessionCommands, SubscribingAgainChangesTheOptionsFromThereOn) {
  SimBroker broker(Small());
  broker.executor.AssertOnLoop();
  SimClient client(&broker, "me");
  client.Subscribe("a", {.messages_max = 1});
  client.Subscribe("#", {.overflow = OVERFLOW_DISCONNECT, .messages_max = 100});
  FallBehind(broker, client, "a");
  SimClient publisher(&broker, "");
  for (const char* text : {"1", "2"}) publisher.Publish("a", text);
  // "#" governed so far, and was remembered; now "a" does, and lets go of what does not fit.
  client.Subscribe("#", {.overflow = OVERFLOW_DROP_OLDEST});
  client.Subscribe("a", {.overflow = OVERFLOW_DISCONNECT, .messages_max = 1});
  publisher.Publish("a", "3");
  EXPECT_FALSE(client.sink.closed());
  publisher.Publish("a", "4");
  broker.Turn();
  ASSERT_TRUE(client.sink.closed());
  EXPECT_EQ(client.sink.closed()->code, CloseCode::kSlowConsumer);
  EXPECT_TRUE(client.sink.closed()->detail.starts_with("filter a: 1 messages of "))
      << client.sink.closed()->detail;
}

TEST(SessionCommands, TheContractDisconnectClosesOnlyWhomItConcerns) {
  SimBroker broker(Small());
  broker.executor.AssertOnLoop();
  SimClient slow(&broker, "slow");
  SimClient quick(&broker, "quick");
  slow.Subscribe("a", {.overflow = OVERFLOW_DISCONNECT, .messages_max = 2});
  quick.Subscribe("a");
  FallBehind(broker, slow, "a");
  After(broker, quick);
  SimClient publisher(&broker, "");
  Lines expected;
  for (const char* text : {"1", "2", "3", "4"}) {
    publisher.Publish("a", text);
    expected.push_back(std::string("a=") + text);
  }
  EXPECT_EQ(After(broker, quick), expected);
  EXPECT_EQ(slow.sink.closed()->code, CloseCode::kSlowConsumer);
  EXPECT_FALSE(slow.sink.closed()->flush_first);
  EXPECT_EQ(broker.shard.backlog_pool.messages(), 0U);
}

TEST(SessionCommands, UnsubscribingForgetsWhatWaits) {
  SimBroker broker(Small());
  broker.executor.AssertOnLoop();
  SimClient client(&broker, "me");
  client.Subscribe("a", {.messages_max = 1});
  client.Subscribe("b");
  FallBehind(broker, client, "b");
  SimClient publisher(&broker, "");
  for (const char* text : {"1", "2"}) publisher.Publish("a", text);
  publisher.Publish("b", "3");
  client.Unsubscribe("a");
  publisher.Publish("a", "4");
  client.sink.Read(FakeSink::kUnlimited);
  broker.Turn();
  Lines lines = After(broker, client);
  ASSERT_EQ(lines.size(), 5U);  // two answers, the long one, then:
  EXPECT_EQ(lines[3], "unsubscribed 3");
  EXPECT_EQ(lines[4], "b=3");
}

TEST(SessionCommands, InRecvQueueModeWhatIsPublishedIsSavedToo) {
  Settings settings;
  settings.recv_queue = true;
  SimBroker broker(settings);
  broker.executor.AssertOnLoop();
  SimClient client(&broker, "me");
  client.Subscribe("a");
  client.Publish("a", "1");
  ASSERT_EQ(client.sink.recv_queue.size(), 1U);
  esockets::Message saved;
  ASSERT_TRUE(saved.ParseFromString(client.sink.recv_queue[0]));
  EXPECT_EQ(saved.payload(), "1");
  EXPECT_EQ(After(broker, client), (Lines{"subscribed 1", "a=1"}));
}

// One after the other or all at once makes no difference.
TEST(SessionCommands, PublishesThatArriveTogether) {
  SimBroker broker;
  broker.executor.AssertOnLoop();
  SimClient client(&broker, "me");
  client.Subscribe("a/+");
  client.Cork();
  client.Publish("a/b", "1");
  client.Publish("a/b", "2");
  client.Publish("a/c", "3");
  client.PublishAcked("a/c", "4");
  client.Publish("nobody", "5");
  client.Publish("nobody", "6");
  client.Publish("a/+", "7");
  client.Publish("$SYS/info", "8");
  client.Publish("a/b", "9");
  client.Uncork();
  EXPECT_EQ(
      After(broker, client),
      (Lines{"subscribed 1", "a/b=1", "a/b=2", "a/c=3", "a/c=4", "published 2",
             base::StrCat("error 0 ", static_cast<int>(ErrorCode::kTopicInvalid)),
             base::StrCat("error 0 ", static_cast<int>(ErrorCode::kAdminBadRequest)), "a/b=9"}));
  EXPECT_EQ(broker.shard.metrics.published_messages_total.value(), 7U);
  EXPECT_EQ(broker.shard.metrics.published_bytes_total.value(), 7U);
  EXPECT_EQ(broker.shard.metrics.unmatched_messages_total.value(), 2U);
  EXPECT_EQ(client.session().messages_in_total(), 7U);
}

}  // namespace
}  // namespace esockets::broker
