#include "broker/groups.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
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

class GroupsTest : public tests::ClusterTest {
 protected:
  using Client = std::unique_ptr<tests::SimClient>;
  using Options = tests::SimClient::Options;

  // A member of the group "workers" of this filter, on the loop after the one of whoever joined
  // before.
  Client Worker(std::string_view client_id, const Options& options = {}) {
    Client client = Join(client_id);
    EXPECT_EQ(Subscribe(*client, "jobs/#", options), Lines{"subscribed 1"});
    return client;
  }
  Lines Subscribe(tests::SimClient& client, std::string_view filter, Options options = {}) {
    tests::PretendOnLoop();
    if (options.group.empty()) options.group = "workers";
    client.Subscribe(filter, options);
    Settle();
    return client.Lines();
  }
  void PublishKeyed(tests::SimClient& client, std::string_view topic, std::string_view key,
                    int from, int to) {
    for (int i = from; i <= to; ++i) {
      tests::PretendOnLoop();
      client.Publish(topic, base::StrCat(key, i), {.key = std::string(key)});
      Settle();
    }
  }
  void Break(Client* client) {
    tests::PretendOnLoop();
    (*client)->Vanish();
    client->reset();
    Settle();
  }
  // The kernel takes no more for it.
  void Stop(tests::SimClient& client) { client.sink.set_window(0); }
  // With the jobs 1 and 3 in its queue.
  void UnsubscribeWhileStopped(tests::SimClient& worker, tests::SimClient& publisher) {
    Stop(worker);
    Publish(publisher, "jobs/1", 1, 4);
    tests::PretendOnLoop();
    worker.Unsubscribe("jobs/#", "workers");
    Settle();
  }
  uint64_t Sum(base::Counter Metrics::*counter) {
    uint64_t sum = 0;
    ForEachLoop([&](const Shard& shard) { sum += (shard.metrics.*counter).value(); });
    return sum;
  }
  uint64_t Waiting() {
    uint64_t waiting = 0;
    ForEachLoop([&](const Shard& shard) { waiting += shard.backlog_pool.messages(); });
    return waiting;
  }
  static Lines Jobs(int from, int to, int step = 1) {
    Lines lines;
    for (int i = from; i <= to; i += step) lines.push_back(base::StrCat("workers: jobs/1=", i));
    return lines;
  }
};

INSTANTIATE_TEST_SUITE_P(Loops, GroupsTest, tests::LoopCounts(), tests::LoopCountName);

TEST_P(GroupsTest, EachMessageGoesToOneMemberInTurn) {
  Start();
  const Client ann = Worker("ann"), bob = Worker("bob"), cem = Worker("cem");
  const Client publisher = Join("publisher");
  Publish(*publisher, "jobs/1", 1, 9);
  EXPECT_EQ(ann->Lines(), Jobs(1, 9, 3));
  EXPECT_EQ(bob->Lines(), Jobs(2, 9, 3));
  EXPECT_EQ(cem->Lines(), Jobs(3, 9, 3));
  EXPECT_EQ(Sum(&Metrics::groups), 1U);
  EXPECT_EQ(Sum(&Metrics::group_members), 3U);
}

TEST_P(GroupsTest, IsADeliveryOfItsOwn) {
  Start();
  const Client ann = Worker("ann");
  EXPECT_EQ(Subscribe(*ann, "jobs/#", {.group = "loggers"}), Lines{"subscribed 2"});
  tests::PretendOnLoop();
  ann->Subscribe("jobs/1");
  Settle();
  EXPECT_EQ(ann->Lines(), Lines{"subscribed 3"});
  const Client publisher = Join("publisher");
  Publish(*publisher, "jobs/1", 1, 1);
  Lines lines = ann->Lines();
  std::sort(lines.begin(), lines.end());
  EXPECT_EQ(lines, (Lines{"jobs/1=1", "loggers: jobs/1=1", "workers: jobs/1=1"}));
}

TEST_P(GroupsTest, KeepsTheMessagesOfAKeyTogether) {
  Start();
  const Options hash{.strategy = GROUP_STRATEGY_HASH};
  const Client workers[] = {Worker("ann", hash), Worker("bob", hash), Worker("cem", hash)};
  const Client publisher = Join("publisher");
  for (const char* key : {"a", "b", "c", "d", "e", "f", "g", "h"}) {
    PublishKeyed(*publisher, "jobs/1", key, 1, 3);
  }
  std::set<char> keys;
  size_t busy = 0;
  for (const Client& worker : workers) {
    const Lines lines = worker->Lines();
    if (!lines.empty()) ++busy;
    for (size_t i = 0; i < lines.size(); i += 3) {
      const char key = lines[i][std::string_view("workers: jobs/1=").size()];
      EXPECT_TRUE(keys.insert(key).second) << key;
      for (int number = 1; number <= 3; ++number) {
        EXPECT_EQ(lines.at(i + static_cast<size_t>(number) - 1),
                  base::StrCat("workers: jobs/1=", std::string(1, key), number));
      }
    }
  }
  EXPECT_EQ(keys.size(), 8U);
  EXPECT_GT(busy, 1U);
}

TEST_P(GroupsTest, HashesMessagesWithoutAKeyByTheirPublisher) {
  Start();
  const Options hash{.strategy = GROUP_STRATEGY_HASH};
  const Client ann = Worker("ann", hash), bob = Worker("bob", hash);
  const Client publisher = Join("publisher");
  Publish(*publisher, "jobs/1", 1, 5);
  Lines all = ann->Lines();
  const Lines others = bob->Lines();
  EXPECT_TRUE(all.empty() || others.empty());
  all.insert(all.end(), others.begin(), others.end());
  EXPECT_EQ(all, Jobs(1, 5));
}

TEST_P(GroupsTest, TheFirstGetsAllUntilItGoes) {
  Start();
  const Options first{.strategy = GROUP_STRATEGY_FIRST};
  Client ann = Worker("ann", first);
  const Client bob = Worker("bob", first);
  const Client publisher = Join("publisher");
  Publish(*publisher, "jobs/1", 1, 3);
  EXPECT_EQ(ann->Lines(), Jobs(1, 3));
  Break(&ann);
  Publish(*publisher, "jobs/1", 4, 6);
  EXPECT_EQ(bob->Lines(), Jobs(4, 6));
}

TEST_P(GroupsTest, WhatADeadMemberWasNotSentGoesToTheOthersInOrder) {
  Start();
  Client ann = Worker("ann");
  const Client bob = Worker("bob");
  const Client publisher = Join("publisher");
  Stop(*ann);
  Publish(*publisher, "jobs/1", 1, 10);
  EXPECT_EQ(bob->Lines(), Jobs(2, 10, 2));
  Break(&ann);
  EXPECT_EQ(bob->Lines(), Jobs(1, 10, 2));
  EXPECT_EQ(Sum(&Metrics::group_recalled_messages_total), 5U);
}

TEST_P(GroupsTest, WhatTheKernelHadTakenIsNotSentAgain) {
  Start();
  Client ann = Worker("ann");
  const Client bob = Worker("bob");
  const Client publisher = Join("publisher");
  Publish(*publisher, "jobs/1", 1, 4);
  Stop(*ann);
  Publish(*publisher, "jobs/1", 5, 6);
  EXPECT_EQ(ann->Lines(), Jobs(1, 4, 2));
  bob->Lines();
  Break(&ann);
  EXPECT_EQ(bob->Lines(), Jobs(5, 5));
}

TEST_P(GroupsTest, WhoIsEndedGetsTheRestOfAFrameAndTheOthersWhatFollows) {
  Start();
  Client ann = Worker("ann");
  const Client bob = Worker("bob");
  const Client publisher = Join("publisher");
  ann->sink.set_window(10);
  Publish(*publisher, "jobs/1", 1, 6);
  bob->Lines();
  tests::PretendOnLoop();
  ann->session().End(CloseCode::kKicked, "");
  Settle();
  EXPECT_TRUE(ann->sink.closed().has_value());
  EXPECT_EQ(bob->Lines(), Jobs(3, 6, 2));
}

TEST_P(GroupsTest, WhoGoesAfterItHasUnsubscribedLeavesTheOthersWhatItWasNotSent) {
  Start();
  Client ann = Worker("ann");
  const Client bob = Worker("bob");
  const Client publisher = Join("publisher");
  UnsubscribeWhileStopped(*ann, *publisher);
  EXPECT_EQ(Sum(&Metrics::subscriptions), 1U);
  Break(&ann);
  EXPECT_EQ(bob->Lines(), (Lines{"workers: jobs/1=2", "workers: jobs/1=4", "workers: jobs/1=1",
                                 "workers: jobs/1=3"}));
  EXPECT_EQ(Sum(&Metrics::group_members), 1U);
}

TEST_P(GroupsTest, WhoUnsubscribesGetsWhatIsInItsQueue) {
  Start();
  Client ann = Worker("ann");
  const Client bob = Worker("bob");
  const Client publisher = Join("publisher");
  UnsubscribeWhileStopped(*ann, *publisher);
  ann->sink.set_window(tests::FakeSink::kUnlimited);
  Settle();
  EXPECT_EQ(ann->Lines(), (Lines{"workers: jobs/1=1", "workers: jobs/1=3", "unsubscribed 2"}));
  Publish(*publisher, "jobs/1", 5, 6);
  EXPECT_EQ(bob->Lines(), (Lines{"workers: jobs/1=2", "workers: jobs/1=4", "workers: jobs/1=5",
                                 "workers: jobs/1=6"}));
}

TEST_P(GroupsTest, WhoSaysGoodbyeGetsWhatIsInItsQueue) {
  Start();
  Client ann = Worker("ann");
  const Client bob = Worker("bob");
  const Client publisher = Join("publisher");
  Stop(*ann);
  Publish(*publisher, "jobs/1", 1, 2);
  tests::PretendOnLoop();
  ann->Disconnect("");
  ann->sink.set_window(tests::FakeSink::kUnlimited);
  Settle();
  EXPECT_EQ(ann->Lines(), Jobs(1, 1));
  EXPECT_EQ(bob->Lines(), Jobs(2, 2));
}

TEST_P(GroupsTest, EndsWithItsLastMember) {
  Start();
  Client ann = Worker("ann", {.strategy = GROUP_STRATEGY_FIRST});
  const Client publisher = Join("publisher");
  Stop(*ann);
  Publish(*publisher, "jobs/1", 1, 3);
  Break(&ann);
  EXPECT_EQ(Sum(&Metrics::groups), 0U);
  EXPECT_EQ(Sum(&Metrics::group_members), 0U);
  EXPECT_EQ(Waiting(), 0U);
  tests::PretendOnLoop();
  publisher->Publish("jobs/1", "4");
  Settle();
  EXPECT_EQ(Sum(&Metrics::unmatched_messages_total), 1U);
  // It may have another strategy when it begins anew.
  const Client bob = Worker("bob", {.strategy = GROUP_STRATEGY_HASH});
  Publish(*publisher, "jobs/1", 5, 5);
  EXPECT_EQ(bob->Lines(), Jobs(5, 5));
}

TEST_P(GroupsTest, HasOneStrategyAndOneOverflow) {
  Start();
  const Client ann = Worker("ann", {.strategy = GROUP_STRATEGY_HASH});
  const Client bob = Join("bob");
  EXPECT_EQ(Subscribe(*bob, "jobs/#", {.strategy = GROUP_STRATEGY_FIRST}), Lines{"error 1 154"});
  EXPECT_EQ(Subscribe(*bob, "jobs/#", {.overflow = OVERFLOW_DROP_NEWEST}), Lines{"error 2 154"});
  const Client publisher = Join("publisher");
  Publish(*publisher, "jobs/1", 1, 1);
  EXPECT_EQ(ann->Lines(), Jobs(1, 1));
  EXPECT_EQ(bob->Lines(), Lines{});
  EXPECT_EQ(Sum(&Metrics::group_members), 1U);
  EXPECT_EQ(Sum(&Metrics::subscriptions), 1U);
  EXPECT_EQ(Subscribe(*bob, "jobs/#"), Lines{"subscribed 3"}) << "leaves it to the group";
  // Who is a member stays one.
  EXPECT_EQ(Subscribe(*bob, "jobs/#", {.strategy = GROUP_STRATEGY_FIRST}), Lines{"error 4 154"});
  EXPECT_EQ(Subscribe(*bob, "jobs/#", {.strategy = GROUP_STRATEGY_HASH}), Lines{"subscribed 5"});
  EXPECT_EQ(Sum(&Metrics::group_members), 2U);
}

TEST_P(GroupsTest, RefusesWhatIsNotPossible) {
  Start();
  const Client ann = Join("ann");
  EXPECT_EQ(Subscribe(*ann, "jobs/#", {.group = std::string(129, 'g')}), Lines{"error 1 153"});
  EXPECT_EQ(Subscribe(*ann, "jobs/#", {.start = START_LAST, .start_at = 1}), Lines{"error 2 153"});
  EXPECT_EQ(Subscribe(*ann, "jobs/#", {.overflow = OVERFLOW_CONFLATE}), Lines{"error 3 123"});
  EXPECT_EQ(Subscribe(*ann, "jobs/#", {.strategy = static_cast<GroupStrategy>(9)}),
            Lines{"error 4 102"});
  tests::PretendOnLoop();
  ann->Subscribe("jobs/#", {.strategy = GROUP_STRATEGY_HASH});
  ann->Unsubscribe("jobs/#", "workers");
  Settle();
  EXPECT_EQ(ann->Lines(), (Lines{"error 5 153", "error 6 114"}));
  EXPECT_EQ(Sum(&Metrics::subscriptions), 0U);
}

TEST_P(GroupsTest, CountsAsASubscription) {
  settings_.limits.subscriptions_max = 1;
  Start();
  const Client ann = Worker("ann");
  EXPECT_EQ(Subscribe(*ann, "jobs/#", {.group = "others"}), Lines{"error 2 121"});
  EXPECT_EQ(Subscribe(*ann, "jobs/#"), Lines{"subscribed 3"}) << "it is a member already";
  tests::PretendOnLoop();
  ann->Subscribe("a");
  Settle();
  EXPECT_EQ(ann->Lines(), Lines{"error 4 121"});
}

TEST_P(GroupsTest, NothingIsMissedOnceItIsSubscribed) {
  Start();
  const Client publisher = Join("publisher");
  for (int i = 1; i <= 8; ++i) {
    const Client ann = Join("ann");
    tests::PretendOnLoop();
    ann->Subscribe(base::StrCat("n/", i), {.group = "workers"});
    Lines lines;
    while (lines.empty()) {
      Turn();
      lines = ann->Lines();
    }
    EXPECT_EQ(lines, Lines{"subscribed 1"});
    publisher->Publish(base::StrCat("n/", i), "x");
    Settle();
    EXPECT_EQ(ann->Lines(), Lines{base::StrCat("workers: n/", i, "=x")});
  }
}

TEST_P(GroupsTest, AMemberCountsForTheConfirmationAndTheRequest) {
  Start();
  const Client ann = Worker("ann");
  const Client publisher = Join("publisher");
  tests::PretendOnLoop();
  publisher->PublishAcked("jobs/1", "1", {.confirm_ms = 1000});
  Settle();
  Pass(std::chrono::milliseconds(500));
  Settle();
  const std::vector<ServerFrame> frames = publisher->sink.TakeFrames();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].published().delivery().matched(), 1U);
  EXPECT_EQ(frames[0].published().delivery().written(), 1U);
}

}  // namespace
}  // namespace esockets::broker
