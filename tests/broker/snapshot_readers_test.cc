#include "broker/snapshot_readers.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "broker/last_value_quota.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "tests/support/cluster_test.h"
#include "tests/support/fake_sink.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/sim_client.h"

namespace esockets::broker {
namespace {

class SnapshotReadersTest : public tests::ClusterTest {
 protected:
  SnapshotReadersTest() {
    settings_.streams = {RuleOf("t/+/status"), RuleOf("doors/#")};
    settings_.limits.high_watermark_bytes = 200;
  }

  static StreamRule RuleOf(const std::string& filter) {
    return {.name = filter,
            .filter = filter,
            .limits = {.messages_per_topic_max = 1},
            .message_ids = {.ids_max = 0},
            .last_values = LastValueLimits()};
  }
  void Set(tests::SimClient& client, std::string_view topic, std::string_view value) {
    tests::PretendOnLoop();
    client.Publish(topic, value);
    Settle();
  }
  // Without positions; values that come together are sorted.
  Lines Subscribed(tests::SimClient& client, std::string_view filter,
                   const tests::SimClient::Options& options = {}) {
    tests::PretendOnLoop();
    client.Subscribe(filter, options);
    Settle();
    Lines lines = Arrived(client);
    std::sort(lines.begin() + 1, lines.end());
    return lines;
  }
  Lines Arrived(tests::SimClient& client) {
    Lines lines;
    for (ServerFrame& frame : client.sink.TakeFrames()) {
      if (frame.has_message()) frame.mutable_message()->clear_position();
      lines.push_back(tests::LineOf(frame));
    }
    return lines;
  }
  void ExpectNothingLeft() {
    ForEachLoop([](const Shard& shard) { EXPECT_EQ(shard.snapshots.size(), 0U); });
  }
};

INSTANTIATE_TEST_SUITE_P(Loops, SnapshotReadersTest, tests::LoopCounts(), tests::LoopCountName);

TEST_P(SnapshotReadersTest, WhoSubscribesGetsTheLastValuesAndTheirEnd) {
  Start();
  const auto ann = Join("ann"), bob = Join("bob");
  for (const char* value : {"1", "2"}) Set(*ann, "t/a/status", value);
  Set(*ann, "t/b/status", "3");
  Set(*ann, "doors/1", "open");
  Set(*ann, "t/a/other", "4");
  EXPECT_EQ(Subscribed(*bob, "t/+/status"),
            (Lines{"subscribed 1 with last values", "snapshot end t/+/status", "t/a/status=2",
                   "t/b/status=3"}));
  EXPECT_EQ(Subscribed(*bob, "t/b/status"),
            (Lines{"subscribed 2 with last values", "snapshot end t/b/status", "t/b/status=3"}));
  EXPECT_EQ(Subscribed(*bob, "#"), (Lines{"subscribed 3 with last values", "doors/1=open",
                                          "snapshot end #", "t/a/status=2", "t/b/status=3"}));
  EXPECT_EQ(Subscribed(*bob, "doors/2"),
            (Lines{"subscribed 4 with last values", "snapshot end doors/2"}));
  EXPECT_EQ(Subscribed(*bob, "t/a/other"), Lines{"subscribed 5"});
  Set(*ann, "t/a/status", "5");
  EXPECT_EQ(Arrived(*bob), Lines{"t/a/status=5"});
  ExpectNothingLeft();
}

TEST_P(SnapshotReadersTest, TheEndComesLast) {
  Start();
  const auto ann = Join("ann"), bob = Join("bob");
  for (int i = 0; i < 300; ++i) ann->Publish(base::StrCat("t/", i, "/status"), "x");
  Settle();
  bob->Subscribe("#");
  Settle();
  const Lines arrived = Arrived(*bob);
  ASSERT_EQ(arrived.size(), 302U);
  EXPECT_EQ(arrived.front(), "subscribed 1 with last values");
  EXPECT_EQ(arrived.back(), "snapshot end #");
}

TEST_P(SnapshotReadersTest, WhoDoesNotWantThemDoesNotGetThem) {
  Start();
  const auto ann = Join("ann"), bob = Join("bob");
  Set(*ann, "doors/1", "open");
  EXPECT_EQ(Subscribed(*bob, "doors/1", {.skip_last_values = true}), Lines{"subscribed 1"});
  EXPECT_EQ(Subscribed(*bob, "doors/1"),
            (Lines{"subscribed 2 with last values", "doors/1=open", "snapshot end doors/1"}));
}

TEST_P(SnapshotReadersTest, AnEmptyMessageClears) {
  Start();
  const auto ann = Join("ann"), bob = Join("bob"), eve = Join("eve");
  Subscribed(*eve, "doors/#");
  Set(*ann, "doors/1", "open");
  Set(*ann, "doors/2", "open");
  Set(*bob, "doors/1", "");
  EXPECT_EQ(Arrived(*eve), (Lines{"doors/1=open", "doors/2=open", "doors/1="}));
  EXPECT_EQ(Subscribed(*bob, "doors/#"),
            (Lines{"subscribed 1 with last values", "doors/2=open", "snapshot end doors/#"}));
  Set(*ann, "doors/1", "shut");
  EXPECT_EQ(Subscribed(*bob, "doors/1"),
            (Lines{"doors/1=shut", "doors/1=shut", "snapshot end doors/1",
                   "subscribed 2 with last values"}));
}

TEST_P(SnapshotReadersTest, AValueWhoseTimeIsOverDoesNotCome) {
  Start();
  const auto ann = Join("ann"), bob = Join("bob");
  ann->Publish("doors/1", "open", {.ttl_ms = 100});
  Settle();
  Pass(std::chrono::milliseconds(50));
  EXPECT_EQ(Subscribed(*bob, "doors/1").size(), 3U);
  Pass(std::chrono::milliseconds(50));
  EXPECT_EQ(Subscribed(*bob, "doors/1").size(), 2U);
}

TEST_P(SnapshotReadersTest, PublishedTellsThatItIsKeptOrWhyItIsNot) {
  settings_.streams[1].last_values->topics_max = 1;
  Start();
  const auto ann = Join("ann"), bob = Join("bob");
  Subscribed(*bob, "doors/#");
  ann->PublishAcked("doors/1", "open");
  Settle();
  ann->PublishAcked("doors/2", "open");
  ann->Publish("doors/3", "open");
  ann->PublishAcked("doors/2", "");
  ann->PublishAcked("doors/1", "x", {.message_id = "a"});
  Settle();
  Lines answers = Arrived(*ann);
  std::ranges::sort(answers);
  EXPECT_EQ(answers, (Lines{"error 0 128", "error 2 128", "error 4 124", "published 1 at 1",
                            "published 3"}));
  EXPECT_EQ(Arrived(*bob), (Lines{"doors/1=open", "doors/2="}));
}

// Whatever is published while it is opened: each value comes once, and none after a newer one.
TEST_P(SnapshotReadersTest, ValuesThatChangeMeanwhileComeOnceAndInOrder) {
  for (int delay = 0; delay < 12; ++delay) {
    Start();
    const auto ann = Join("ann"), bob = Join("bob"), warm = Join("warm");
    Subscribed(*warm, "#");  // bob's loop may hear of all of it already
    std::map<std::string, std::vector<int>> seen;
    int value = 0;
    const auto publish = [&] {
      for (const char* topic : {"t/a/status", "doors/1", "plain"}) {
        ann->Publish(topic, base::StrCat(++value));
        Turn();
      }
    };
    publish();
    for (int i = 0; i < delay; ++i) Turn();
    bob->Subscribe("#");
    for (int i = 0; i < 10; ++i) publish();
    Settle();
    for (const ServerFrame& frame : bob->sink.TakeFrames()) {
      if (!frame.has_message()) continue;
      seen[frame.message().topic()].push_back(std::stoi(frame.message().payload()));
    }
    for (const auto& [topic, values] : seen) {
      EXPECT_TRUE(std::ranges::is_sorted(values)) << topic;
      EXPECT_EQ(std::ranges::adjacent_find(values), values.end()) << topic;
      const int last = value - (topic == "t/a/status" ? 2 : topic == "doors/1" ? 1 : 0);
      EXPECT_EQ(values.back(), last) << topic;
      // All that came after the first.
      EXPECT_EQ(values.back() - values.front(), 3 * (static_cast<int>(values.size()) - 1)) << topic;
    }
    EXPECT_EQ(seen.size(), 3U);
    ExpectNothingLeft();
  }
}

// One home has answered and the other has not, when the client subscribes once more: what comes
// from the first goes on coming, each value of it.
TEST_P(SnapshotReadersTest, WhoSubscribesAgainMeanwhileMissesNothing) {
  if (GetParam() == 1) GTEST_SKIP() << "it takes a home on another loop";
  settings_.streams.clear();
  for (int i = 0; i < 16; ++i) settings_.streams.push_back(RuleOf(base::StrCat("v", i, "/+")));
  Start();
  tests::SimBroker& loop = cluster_->loop(0);
  const auto reader = Join("reader");
  while (NextLoop() + 1 != GetParam()) {  // the next one comes to the same loop
  }
  const auto writer = Join("writer");
  uint32_t own = 0;
  tests::PretendOnLoop();
  while (loop.shard.streams.HomeOf(own) != 0) ++own;
  const std::string topic = base::StrCat("v", own, "/x");
  const auto turn = [&] {
    for (int i = 0; i < 5; ++i) loop.Turn();
  };
  reader->Subscribe("#");
  turn();  // the other loops say nothing yet
  for (int i = 1; i <= 3; ++i) writer->Publish(topic, base::StrCat(i)), turn();
  reader->Subscribe("#");
  for (int i = 4; i <= 6; ++i) writer->Publish(topic, base::StrCat(i));
  turn();
  Settle();
  std::vector<std::string> values;
  for (const ServerFrame& frame : reader->sink.TakeFrames()) {
    if (!frame.has_message()) continue;
    const std::string& value = frame.message().payload();
    if (values.empty() || values.back() != value) values.push_back(value);
  }
  EXPECT_EQ(values, (std::vector<std::string>{"1", "2", "3", "4", "5", "6"}));
  ExpectNothingLeft();
}

TEST_P(SnapshotReadersTest, ASlowClientGetsThemAtItsPaceAndNothingIsQueued) {
  Start();
  const auto ann = Join("ann"), bob = Join("bob");
  const std::string padding(200, ' ');
  for (int i = 0; i < 2000; ++i) {
    ann->Publish(base::StrCat("t/", i, "/status"), "first" + padding);
    if (i % 100 == 0) Turn();
  }
  Settle();
  bob->sink.set_window(1000);
  bob->Subscribe("t/#", {.overflow = OVERFLOW_CONFLATE});
  Settle();
  EXPECT_EQ(bob->session().outbox().backlog_messages(), 0U);
  for (int i = 0; i < 2000; i += 2)
    ann->Publish(base::StrCat("t/", i, "/status"), "newer" + padding);
  Settle();
  std::map<std::string, std::string> values;
  size_t messages = 0;
  bool ended = false;
  while (!ended) {
    bob->sink.Read(5000);
    Settle();
    const auto frames = bob->sink.TakeFrames();
    ASSERT_FALSE(frames.empty());
    for (const ServerFrame& frame : frames) {
      ended |= frame.has_snapshot_end();
      if (!frame.has_message()) continue;
      EXPECT_FALSE(ended);
      ++messages;
      std::string& value = values[frame.message().topic()];
      EXPECT_NE(value, "newer");
      value = frame.message().payload().substr(0, 5);
    }
  }
  EXPECT_EQ(values.size(), 2000U);
  EXPECT_EQ(std::ranges::count(values, "newer", [](const auto& pair) { return pair.second; }),
            1000);
  EXPECT_LT(messages, 2500U);  // what was not sent yet was replaced
  ExpectNothingLeft();
}

TEST_P(SnapshotReadersTest, WhoGoesMeanwhileLeavesNothing) {
  Start();
  const auto ann = Join("ann");
  Set(*ann, "doors/1", "open");
  auto gone = Join("gone"), left = Join("left");
  for (auto* client : {gone.get(), left.get()}) {
    client->sink.set_window(0);
    client->Subscribe("doors/1");
  }
  left->Unsubscribe("doors/1");
  gone->Subscribe("doors/1");
  Turn();
  gone.reset();
  left->sink.Read(tests::FakeSink::kUnlimited);
  Settle();
  const Lines lines = Arrived(*left);
  ASSERT_GE(lines.size(), 2U);
  EXPECT_EQ(lines.back(), "unsubscribed 2");
  ExpectNothingLeft();
}

}  // namespace
}  // namespace esockets::broker
