#include "broker/wills.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "broker/limits.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "tests/support/cluster_test.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/sim_client.h"

namespace esockets::broker {
namespace {

using std::chrono::milliseconds;

class WillsTest : public tests::ClusterTest {
 protected:
  static esockets::Will WillOf(std::string_view topic, uint32_t delay_ms = 0) {
    esockets::Will will;
    will.mutable_message()->set_topic(std::string(topic));
    will.mutable_message()->set_payload("gone");
    will.set_delay_ms(delay_ms);
    return will;
  }
  // On the loop after the one of whoever joined before.
  std::unique_ptr<tests::SimClient> JoinWith(const esockets::Will& will,
                                             std::string_view client_id = "mortal") {
    tests::PretendOnLoop();
    auto client = std::make_unique<tests::SimClient>(&cluster_->loop(NextLoop()));
    client->Connect(client_id, will);
    Settle();
    return client;
  }
  std::unique_ptr<tests::SimClient> Watch() {
    auto watcher = Join("watcher");
    tests::PretendOnLoop();
    watcher->Subscribe("#");
    Settle();
    watcher->Lines();
    return watcher;
  }
  void Break(std::unique_ptr<tests::SimClient>* client) {
    tests::PretendOnLoop();
    (*client)->Vanish();
    client->reset();
    Settle();
  }
  size_t Waiting() {
    size_t waiting = 0;
    ForEachLoop([&](const Shard& shard) { waiting += shard.wills.waiting(); });
    return waiting;
  }
};

INSTANTIATE_TEST_SUITE_P(Loops, WillsTest, tests::LoopCounts(), tests::LoopCountName);

TEST_P(WillsTest, IsPublishedWhenTheConnectionBreaks) {
  Start();
  const auto watcher = Watch();
  auto mortal = JoinWith(WillOf("state/mortal"));
  EXPECT_EQ(watcher->Lines(), Lines{});
  Break(&mortal);
  EXPECT_EQ(watcher->Lines(), Lines{"state/mortal=gone"});
}

TEST_P(WillsTest, IsPublishedWhenTheBrokerEndsTheConnection) {
  Start();
  const auto watcher = Watch();
  const auto mortal = JoinWith(WillOf("state/mortal"));
  tests::PretendOnLoop();
  mortal->session().End(CloseCode::kKicked, "");
  Settle();
  EXPECT_EQ(watcher->Lines(), Lines{"state/mortal=gone"});
}

TEST_P(WillsTest, WhoSaysGoodbyeLeavesNothing) {
  Start();
  const auto watcher = Watch();
  auto mortal = JoinWith(WillOf("state/mortal", 100));
  tests::PretendOnLoop();
  mortal->Disconnect("");
  Settle();
  Pass(milliseconds(200));
  Settle();
  EXPECT_EQ(watcher->Lines(), Lines{});
}

TEST_P(WillsTest, NorDoesWhoTakesOverOrTheBrokerThatLeaves) {
  Start();
  const auto watcher = Watch();
  const auto first = JoinWith(WillOf("state/mortal"));
  const auto second = JoinWith(WillOf("state/mortal"));
  EXPECT_EQ(first->sink.closed()->code, CloseCode::kTakenOver);
  tests::PretendOnLoop();
  second->session().End(CloseCode::kShuttingDown, "");
  Settle();
  EXPECT_EQ(watcher->Lines(), Lines{});
}

TEST_P(WillsTest, AfterItsDelay) {
  Start();
  const auto watcher = Watch();
  auto mortal = JoinWith(WillOf("state/mortal", 100));
  Break(&mortal);
  Pass(milliseconds(99));
  Settle();
  EXPECT_EQ(watcher->Lines(), Lines{});
  EXPECT_EQ(Waiting(), 1U);
  Pass(milliseconds(1));
  Settle();
  EXPECT_EQ(watcher->Lines(), Lines{"state/mortal=gone"});
  EXPECT_EQ(Waiting(), 0U);
}

TEST_P(WillsTest, WhoComesBackInTimeTakesItBack) {
  Start();
  const auto watcher = Watch();
  auto mortal = JoinWith(WillOf("state/mortal", 100));
  Break(&mortal);
  Pass(milliseconds(50));
  const auto again = Join("mortal");
  EXPECT_EQ(Waiting(), 0U);
  Pass(milliseconds(100));
  Settle();
  EXPECT_EQ(watcher->Lines(), Lines{});
}

// The old connection is found to be dead while the new one waits for it to go.
TEST_P(WillsTest, AlsoIfTheOldConnectionEndsOnlyThen) {
  Start();
  const auto watcher = Watch();
  auto mortal = JoinWith(WillOf("state/mortal", 100));
  tests::PretendOnLoop();
  tests::SimClient again(&cluster_->loop(NextLoop()));
  again.Connect("mortal");
  mortal->session().End(CloseCode::kKeepAliveTimeout, "");
  Settle();
  Pass(milliseconds(200));
  Settle();
  EXPECT_EQ(Waiting(), 0U);
  EXPECT_EQ(watcher->Lines(), Lines{});
}

TEST_P(WillsTest, OneThatHasNoPlaceToWaitIsPublishedAtOnce) {
  Start();
  const auto watcher = Watch();
  esockets::Will large = WillOf("state/large", 100);
  large.mutable_message()->set_payload(std::string(60'000, 'x'));
  int published = 0;
  for (uint64_t i = 0; i <= GetParam() * kWillsBytesMax / 60'000; ++i) {
    auto mortal = JoinWith(large, base::StrCat("mortal-", i));
    tests::PretendOnLoop();
    mortal->Vanish();
    mortal.reset();
    Turn();
    published += static_cast<int>(watcher->Lines().size());
  }
  Settle();
  published += static_cast<int>(watcher->Lines().size());
  EXPECT_GT(published, 0);
  EXPECT_LE(Waiting(), GetParam() * kWillsBytesMax / 60'000);
}

TEST_P(WillsTest, WhatNobodyMayPublishIsNoWill) {
  Start();
  const auto refused = [&](const esockets::Will& will) {
    const auto client = JoinWith(will);
    if (!client->sink.closed()) return std::string();
    EXPECT_EQ(client->sink.closed()->code, CloseCode::kConnectInvalid);
    return client->sink.closed()->detail;
  };
  EXPECT_EQ(refused(WillOf("$SYS/kick")),
            "will: topics below $ are published by the broker alone: $SYS/kick");
  EXPECT_TRUE(refused(WillOf("a/#")).starts_with("will: "));
  EXPECT_TRUE(refused(WillOf("")).starts_with("will: "));
  EXPECT_EQ(refused(WillOf("a", 86'400'001)), "will: a delay of 86400001 ms; limit 86400000");
  esockets::Will answered = WillOf("a");
  answered.mutable_message()->set_reply_to("$INBOX/1/a");
  EXPECT_TRUE(refused(answered).ends_with(": $INBOX/1/a"));
  esockets::Will asks = WillOf("a");
  asks.mutable_message()->set_id(1);
  EXPECT_TRUE(refused(asks).starts_with("will: nobody hears an answer"));
  EXPECT_EQ(refused(WillOf("a", 86'400'000)), "");
}

}  // namespace
}  // namespace esockets::broker
