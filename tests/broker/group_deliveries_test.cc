#include "broker/group_deliveries.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "tests/support/cluster_test.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/sim_client.h"

namespace esockets::broker {
namespace {

using std::chrono::milliseconds;

// Members that are behind: their clients take nothing, and a mark of a few messages is reached
// soon.
class GroupDeliveriesTest : public tests::ClusterTest {
 protected:
  using Client = std::unique_ptr<tests::SimClient>;
  using Options = tests::SimClient::Options;
  static constexpr size_t kMarkBytes = 100;  // three messages

  GroupDeliveriesTest() { settings_.limits.high_watermark_bytes = kMarkBytes; }

  Client Worker(std::string_view client_id, Options options = {}) {
    Client client = Join(client_id);
    tests::PretendOnLoop();
    options.group = "workers";
    client->Subscribe("jobs/#", options);
    Settle();
    EXPECT_EQ(client->Lines(), Lines{"subscribed 1"});
    return client;
  }
  void Stop(tests::SimClient& client) { client.sink.set_window(0); }
  void GoOn(tests::SimClient& client) {
    client.sink.set_window(tests::FakeSink::kUnlimited);
    Settle();
  }
  void Break(Client* client) {
    tests::PretendOnLoop();
    (*client)->Vanish();
    client->reset();
    Settle();
  }
  static Lines Jobs(int from, int to) {
    Lines lines;
    for (int i = from; i <= to; ++i) lines.push_back(base::StrCat("workers: jobs/1=", i));
    return lines;
  }
  // So many jobs, then the rest.
  static Lines Later(Lines lines, const Lines& more) {
    lines.insert(lines.end(), more.begin(), more.end());
    return lines;
  }
  uint64_t Waiting() {
    uint64_t waiting = 0;
    ForEachLoop([&](const Shard& shard) { waiting += shard.backlog_pool.messages(); });
    return waiting;
  }
  void ExpectNothingCounted() {
    EXPECT_EQ(Waiting(), 0U);
    EXPECT_EQ(cluster_->totals.backlog_memory_bytes.load(), 0U);
  }
};

INSTANTIATE_TEST_SUITE_P(Loops, GroupDeliveriesTest, tests::LoopCounts(), tests::LoopCountName);

TEST_P(GroupDeliveriesTest, AMemberThatIsBehindIsPassedOver) {
  Start();
  const Client ann = Worker("ann"), bob = Worker("bob");
  const Client publisher = Join("publisher");
  Stop(*ann);
  Publish(*publisher, "jobs/1", 1, 20);
  const Lines of_bob = bob->Lines();
  GoOn(*ann);
  const Lines of_ann = ann->Lines();
  EXPECT_LE(of_ann.size(), 4U);
  EXPECT_EQ(of_ann.size() + of_bob.size(), 20U);
  // It takes part again.
  Publish(*publisher, "jobs/1", 21, 24);
  EXPECT_EQ(ann->Lines().size(), 2U);
  EXPECT_EQ(bob->Lines().size(), 2U);
  ExpectNothingCounted();
}

TEST_P(GroupDeliveriesTest, WhatAllAreTooSlowForWaitsInTheGroup) {
  Start();
  const Client ann = Worker("ann", {.strategy = GROUP_STRATEGY_FIRST});
  const Client publisher = Join("publisher");
  Stop(*ann);
  Publish(*publisher, "jobs/1", 1, 20);
  EXPECT_GE(Waiting(), 15U);
  GoOn(*ann);
  EXPECT_EQ(ann->Lines(), Jobs(1, 20));
  ExpectNothingCounted();
}

TEST_P(GroupDeliveriesTest, WhoJoinsTakesWhatWaits) {
  Start();
  Client ann = Worker("ann", {.strategy = GROUP_STRATEGY_FIRST});
  const Client publisher = Join("publisher");
  Stop(*ann);
  Publish(*publisher, "jobs/1", 1, 20);
  const Client bob = Join("bob");
  tests::PretendOnLoop();
  bob->Subscribe("jobs/#", {.group = "workers"});
  Settle();
  const Lines of_bob = bob->Lines();
  Break(&ann);
  const Lines rest = bob->Lines();
  EXPECT_EQ(of_bob.size() + rest.size(), 21U) << "with its Subscribed";
  EXPECT_EQ(rest.front(), Jobs(1, 1).front());
}

TEST_P(GroupDeliveriesTest, AStandbyTakesOverFromAFirstThatIsBehind) {
  Start();
  const Options first{.strategy = GROUP_STRATEGY_FIRST};
  const Client ann = Worker("ann", first), bob = Worker("bob", first);
  const Client publisher = Join("publisher");
  Stop(*ann);
  Publish(*publisher, "jobs/1", 1, 10);
  const Lines of_bob = bob->Lines();
  ASSERT_FALSE(of_bob.empty());
  const int from = 11 - static_cast<int>(of_bob.size());
  EXPECT_EQ(of_bob, Jobs(from, 10));
  GoOn(*ann);
  EXPECT_EQ(ann->Lines(), Jobs(1, from - 1));
  Publish(*publisher, "jobs/1", 11, 11);
  EXPECT_EQ(ann->Lines(), Jobs(11, 11)) << "it is the first again";
}

TEST_P(GroupDeliveriesTest, AKeyStaysWithAMemberThatIsBehindWhileItHasSomethingOfIt) {
  Start();
  const Options hash{.strategy = GROUP_STRATEGY_HASH};
  Client members[] = {Worker("ann", hash), Worker("bob", hash)};
  const Client publisher = Join("publisher");
  Publish(*publisher, "jobs/1", 1, 1);  // all of one publisher, without keys
  const size_t holder = members[0]->Lines().empty() ? 1 : 0;
  tests::SimClient& other = *members[1 - holder];
  Stop(*members[holder]);
  Publish(*publisher, "jobs/1", 2, 20);
  EXPECT_EQ(other.Lines(), Lines{}) << "an older one of the key is unsent";
  Break(&members[holder]);
  EXPECT_EQ(other.Lines(), Jobs(2, 20));
  ExpectNothingCounted();
}

TEST_P(GroupDeliveriesTest, TheOldestAreLostAndAGapStandsWhereTheyWere) {
  Start();
  const Client ann = Worker("ann", {.messages_max = 5, .strategy = GROUP_STRATEGY_FIRST});
  const Client publisher = Join("publisher");
  Stop(*ann);
  Publish(*publisher, "jobs/1", 1, 20);
  EXPECT_EQ(Waiting(), 5U);
  GoOn(*ann);
  Lines lines = ann->Lines();
  const auto kept = static_cast<int>(lines.size()) - 6;  // in its send queue
  EXPECT_EQ(lines, Later(Later(Jobs(1, kept), {base::StrCat("workers: gap jobs/# ", 15 - kept)}),
                         Jobs(16, 20)));
  ExpectNothingCounted();
}

TEST_P(GroupDeliveriesTest, OrTheNewest) {
  Start();
  const Client ann = Worker(
      "ann",
      {.overflow = OVERFLOW_DROP_NEWEST, .messages_max = 5, .strategy = GROUP_STRATEGY_FIRST});
  const Client publisher = Join("publisher");
  Stop(*ann);
  Publish(*publisher, "jobs/1", 1, 20);
  GoOn(*ann);
  Lines lines = ann->Lines();
  const auto kept = static_cast<int>(lines.size()) - 1;
  EXPECT_EQ(lines, Later(Jobs(1, kept), {base::StrCat("workers: gap jobs/# ", 20 - kept)}))
      << "nothing needs to follow";
  Publish(*publisher, "jobs/1", 21, 21);
  EXPECT_EQ(ann->Lines(), Jobs(21, 21));
  ExpectNothingCounted();
}

TEST_P(GroupDeliveriesTest, WhatIsTooOldIsLost) {
  Start();
  const Client ann = Worker("ann", {.strategy = GROUP_STRATEGY_FIRST});
  const Client publisher = Join("publisher");
  Stop(*ann);
  Publish(*publisher, "jobs/1", 1, 10);
  tests::PretendOnLoop();
  publisher->Publish("jobs/1", "short", {.ttl_ms = 100});
  publisher->Publish("jobs/1", "long", {.ttl_ms = 100'000});
  Settle();
  Pass(milliseconds(200));
  GoOn(*ann);
  EXPECT_EQ(ann->Lines(), Later(Jobs(1, 10), {"workers: gap jobs/# 1", "workers: jobs/1=long"}));
}

TEST_P(GroupDeliveriesTest, TheMemoryOfTheBrokerIsALimitToo) {
  settings_.limits.backlogs_bytes_max = 4096;
  Start();
  const Client ann = Worker("ann", {.strategy = GROUP_STRATEGY_FIRST});
  const Client publisher = Join("publisher");
  Stop(*ann);
  Publish(*publisher, "jobs/1", 1, 200);
  EXPECT_LE(cluster_->totals.backlog_memory_bytes.load(), 4096U);
  GoOn(*ann);
  uint64_t told = 0;
  for (const std::string& line : ann->Lines()) {
    constexpr std::string_view kGap = "workers: gap jobs/# ";
    told += line.starts_with(kGap) ? std::stoul(line.substr(kGap.size())) : 1;
  }
  EXPECT_EQ(told, 200U);
  ExpectNothingCounted();
}

TEST_P(GroupDeliveriesTest, ABrokenConnectionTakesNothing) {
  Start();
  Client ann = Worker("ann", {.strategy = GROUP_STRATEGY_FIRST});
  const Client bob = Worker("bob");
  const Client publisher = Join("publisher");
  Stop(*ann);
  tests::PretendOnLoop();
  for (int i = 1; i <= 3; ++i) publisher->Publish("jobs/1", base::StrCat(i));
  Break(&ann);
  EXPECT_EQ(bob->Lines(), Jobs(1, 3));
}

}  // namespace
}  // namespace esockets::broker
