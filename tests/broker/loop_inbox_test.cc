#include "broker/loop_inbox.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/sim_client.h"
#include "tests/support/sim_cluster.h"

namespace esockets::broker {
namespace {

using tests::SimClient;
using tests::SimCluster;
using Lines = std::vector<std::string>;

// Two loops, and clients on both.
class LoopInboxTest : public testing::Test {
 protected:
  std::unique_ptr<SimClient> Join(uint32_t loop, std::string_view client_id) {
    tests::PretendOnLoop();
    auto client = std::make_unique<SimClient>(&cluster_.loop(loop));
    client->Connect(client_id);
    return client;
  }
  std::unique_ptr<SimClient> JoinAndSettle(uint32_t loop, std::string_view client_id) {
    auto client = Join(loop, client_id);
    Turns();
    EXPECT_EQ(client->Lines(), Lines{"connected " + std::string(client_id)});
    return client;
  }
  void Turn(uint32_t loop) { cluster_.loop(loop).Turn(); }
  void Turns() {
    for (int turn = 0; turn < 6; ++turn) Turn(0), Turn(1);
  }

  static Settings LittleCredit() {
    Settings settings;
    settings.limits.exchange_bytes_max = 1000;
    return settings;
  }
  SimCluster cluster_{2, LittleCredit(), 64 << 10};
};

TEST_F(LoopInboxTest, AMessageCrossesOnceAndReachesAll) {
  tests::PretendOnLoop();
  auto publisher = JoinAndSettle(0, "publisher");
  auto near = JoinAndSettle(0, "near");
  auto far = JoinAndSettle(1, "far");
  auto other = JoinAndSettle(1, "other");
  near->Subscribe("a/+");
  far->Subscribe("a/b");
  far->Subscribe("a/#");
  other->Subscribe("a/b");
  Turns();
  for (SimClient* client : {near.get(), far.get(), other.get()}) client->Lines();
  publisher->Publish("a/b", "1");
  publisher->Publish("c", "nobody");
  Turns();
  EXPECT_EQ(near->Lines(), Lines{"a/b=1"});
  EXPECT_EQ(far->Lines(), Lines{"a/b=1"});
  EXPECT_EQ(other->Lines(), Lines{"a/b=1"});
  EXPECT_EQ(cluster_.loop(0).shard.metrics.forwarded_messages_total.value(), 1u);
  EXPECT_EQ(cluster_.loop(0).shard.metrics.unmatched_messages_total.value(), 1u);
}

TEST_F(LoopInboxTest, SubscribedComesWhenEveryLoopKnows) {
  tests::PretendOnLoop();
  auto client = JoinAndSettle(0, "client");
  client->Subscribe("a");
  Turn(0);
  EXPECT_EQ(client->Lines(), Lines{}) << "the other loop has had no turn";
  Turn(1);
  Turn(0);
  EXPECT_EQ(client->Lines(), Lines{"subscribed 1"});
  client->Unsubscribe("a");
  client->Subscribe("a");
  client->Unsubscribe("a");
  Turn(0);
  EXPECT_EQ(client->Lines(), (Lines{"unsubscribed 2", "subscribed 3", "unsubscribed 4"}));
  Turns();
  EXPECT_EQ(client->Lines(), Lines{});
  EXPECT_EQ(cluster_.loop(1).shard.router.interest().literals_of_others(), 0u);
}

TEST_F(LoopInboxTest, AClientIdIsTakenOverAcrossLoops) {
  tests::PretendOnLoop();
  auto older = JoinAndSettle(0, "me");
  auto newer = Join(1, "me");
  newer->Ping(7);
  newer->Publish("t", "waits for Connected");
  Turns();
  EXPECT_EQ(older->Lines(), Lines{});
  ASSERT_TRUE(older->sink.closed());
  EXPECT_EQ(older->sink.closed()->code, CloseCode::kTakenOver);
  EXPECT_EQ(newer->Lines(), (Lines{"connected me", "pong 7"}));
  EXPECT_EQ(cluster_.totals.clients, 1u);
}

TEST_F(LoopInboxTest, WhoLeavesWhileItsIdIsDecidedLeavesNothingBehind) {
  tests::PretendOnLoop();
  for (const std::string_view id : {"a", "b", "c", "d"}) Join(0, id)->Vanish();
  Turns();
  EXPECT_EQ(cluster_.totals.clients, 0u);
  EXPECT_EQ(cluster_.loop(0).shard.clients.size(), 0u);
}

TEST_F(LoopInboxTest, OnlyWhoPublishesToALoopThatDoesNotKeepUpWaits) {
  tests::PretendOnLoop();
  auto publisher = JoinAndSettle(0, "publisher");
  auto bystander = JoinAndSettle(0, "bystander");
  auto far = JoinAndSettle(1, "far");
  far->Subscribe("a");
  Turns();
  far->Lines();
  const std::string payload(600, 'x');
  for (int i = 0; i < 5; ++i) publisher->Publish("a", payload);
  EXPECT_EQ(publisher->waiting_frames(), 3u) << "two use the credit up";
  bystander->Publish("b", payload);
  EXPECT_EQ(bystander->waiting_frames(), 0u);
  Turn(0);
  EXPECT_EQ(publisher->waiting_frames(), 3u) << "the other loop has had no turn";
  Turns();
  EXPECT_EQ(publisher->waiting_frames(), 0u);
  EXPECT_EQ(far->Lines().size(), 5u);
  EXPECT_GE(cluster_.loop(0).shard.metrics.exchange_pauses_total.value(), 1u);
}

}  // namespace
}  // namespace esockets::broker
