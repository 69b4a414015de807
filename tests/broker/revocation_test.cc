#include "broker/revocation.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "broker/permissions/permission_policy.h"
#include "broker/permissions/permission_rule.h"
#include "broker/settings_change.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "tests/support/cluster_test.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/sim_client.h"

namespace esockets::broker {
namespace {

// Of everything, for these topics.
PermissionRule Allow(std::vector<std::string> topics) {
  PermissionRule rule;
  rule.actions = {Action::kPublish, Action::kSubscribe, Action::kStream};
  rule.topics = std::move(topics);
  return rule;
}

class RevocationTest : public tests::ClusterTest {
 protected:
  RevocationTest() {
    settings_.streams = {{.name = "kept", .filter = "kept/#", .limits = {}, .message_ids = {}}};
  }
  void Rules(std::vector<PermissionRule> rules) {
    settings_.permissions = std::make_shared<PermissionPolicy>(std::move(rules));
    ForEachLoop([this](Shard& shard) {
      tests::PretendOnLoop();
      ReplaceSettings(&shard, settings_);
    });
  }
};

TEST_P(RevocationTest, SubscriptionsAndMembershipsEndAndTheOthersGoOn) {
  Start();
  const auto ann = Join("ann"), publisher = Join("publisher");
  tests::PretendOnLoop();
  for (const char* filter : {"chat/#", "secret/#", "kept/#"}) ann->Subscribe(filter);
  ann->Subscribe("jobs/#", {.group = "g"});
  ann->Subscribe("chat/#", {.group = "g"});
  Settle();
  ann->Lines();
  Rules({Allow({"chat/#"})});
  Settle();
  EXPECT_EQ(ann->Lines(), (Lines{"error 0 120", "error 0 120", "error 0 120"}));
  EXPECT_EQ(ann->session().subscription_count(), 2U);
  Rules({});
  for (const char* topic : {"secret/1", "jobs/1", "kept/1", "chat/1"}) {
    Publish(*publisher, topic, 1, 1);
  }
  EXPECT_EQ(ann->Lines(), (Lines{"g: chat/1=1", "chat/1=1"}));
  uint64_t counted = 0;
  ForEachLoop([&](const Shard& shard) { counted += shard.metrics.subscriptions.value(); });
  EXPECT_EQ(counted, 2U);
}

// Whichever loop it is published on.
TEST_P(RevocationTest, AHoleIsThereOnEveryLoop) {
  Start();
  const auto ann = Join("ann"), bob = Join("bob");
  tests::PretendOnLoop();
  ann->Subscribe("#");
  bob->Subscribe("#");
  Settle();
  ann->Lines(), bob->Lines();
  PermissionRule deny = Allow({"secret/#"});
  deny.actions = {Action::kSubscribe};
  deny.deny = true;
  Rules({Allow({"#"}), deny});
  for (int publisher = 0; publisher < 4; ++publisher) {
    const auto one = Join("publisher");
    for (const char* topic : {"secret/1", "chat/1", "secret/1"}) Publish(*one, topic, 1, 1);
    EXPECT_EQ(ann->Lines(), Lines{"chat/1=1"});
    EXPECT_EQ(bob->Lines(), Lines{"chat/1=1"});
  }
}

// Whether the other loops have answered or not.
TEST_P(RevocationTest, OnesThatAreOnTheirWayEndToo) {
  for (int turns = 0; turns < 6; ++turns) {
    settings_.permissions = std::make_shared<PermissionPolicy>();
    Start();
    auto ann = Join("ann");
    tests::PretendOnLoop();
    ann->Subscribe("secret/1");
    ann->Subscribe("kept/1", {.start = START_LAST, .start_at = 1});
    ann->Subscribe("jobs/1", {.group = "g"});
    for (int turn = 0; turn < turns; ++turn) Turn();
    Rules({Allow({"chat/#"})});
    Settle();
    EXPECT_EQ(ann->session().subscription_count(), 0U) << turns;
    tests::PretendOnLoop();
    ann->Subscribe("chat/1");
    ann->Publish("chat/1", "still served");
    Settle();
    EXPECT_THAT(ann->Lines(), testing::Contains("chat/1=still served")) << turns;
    ann.reset();
  }
}

// Whose client id is still being asked for, at its home on whatever loop.
TEST_P(RevocationTest, WhoIsOnTheWayInComesInWithTheNewRules) {
  for (int turns = 0; turns < 4; ++turns) {
    settings_.permissions =
        std::make_shared<PermissionPolicy>(std::vector<PermissionRule>{Allow({"secret"})});
    Start();
    tests::PretendOnLoop();
    auto ann = std::make_unique<tests::SimClient>(&cluster_->loop(NextLoop()));
    ann->Connect("ann");
    for (int turn = 0; turn < turns; ++turn) Turn();
    Rules({Allow({"chat"})});
    ann->Subscribe("secret");
    ann->Subscribe("chat");
    Settle();
    EXPECT_EQ(ann->Lines(), (Lines{"connected ann", "error 1 120", "subscribed 2"})) << turns;
    ann.reset();
  }
}

// A session that only waits for an answer before it says goodbye.
TEST_P(RevocationTest, WhoIsLeavingLeaves) {
  for (int turns = 0; turns < 4; ++turns) {
    settings_.permissions = std::make_shared<PermissionPolicy>();
    Start();
    auto ann = Join("ann");
    tests::PretendOnLoop();
    for (const char* filter : {"a", "b", "kept/1"}) ann->Subscribe(filter);
    ann->Disconnect("");
    for (int turn = 0; turn < turns; ++turn) Turn();
    Rules({Allow({"chat/#"})});
    Settle();
    ASSERT_TRUE(ann->sink.closed()) << turns;
    EXPECT_EQ(ann->sink.closed()->code, CloseCode::kGoodbye);
    ann.reset();
  }
}

INSTANTIATE_TEST_SUITE_P(Loops, RevocationTest, tests::LoopCounts(), tests::LoopCountName);

}  // namespace
}  // namespace esockets::broker
