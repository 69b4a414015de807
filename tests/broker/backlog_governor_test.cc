#include "broker/backlog_governor.h"

#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/sim_client.h"
#include "tests/support/sim_cluster.h"

namespace esockets::broker {
namespace {

using tests::SimClient;
using tests::SimCluster;

TEST(BacklogGovernor, TheLongestAreCutToOneLength) {
  struct Case {
    std::vector<uint64_t> sizes;
    uint64_t excess;
    uint64_t level;
  };
  for (const Case& one :
       {Case{{}, 10, 0}, Case{{100}, 30, 70}, Case{{100}, 100, 0}, Case{{100}, 300, 0},
        Case{{100, 50}, 30, 70}, Case{{50, 100}, 50, 50}, Case{{100, 50}, 60, 45},
        Case{{10, 100, 90}, 100, 45}, Case{{10, 100, 90}, 180, 6}, Case{{7, 7, 7}, 3, 6}}) {
    EXPECT_EQ(ShedLevel(one.sizes, one.excess), one.level)
        << one.sizes.size() << " sizes, excess " << one.excess;
    uint64_t cut = 0;
    for (const uint64_t size : one.sizes) cut += size - std::min(size, one.level);
    EXPECT_TRUE(cut >= one.excess || one.level == 0) << cut << " of " << one.excess;
  }
}

TEST(BacklogGovernor, AsManyOfTheLargestAreClosedAsItTakes) {
  using Closes = std::vector<uint64_t>;
  const SizesOfLoops sizes = {{10, 100}, {}, {70, 90, 90}};
  EXPECT_EQ(ClosesOfLoops(sizes, 0), (Closes{0, 0, 0}));
  EXPECT_EQ(ClosesOfLoops(sizes, 100), (Closes{1, 0, 0}));
  EXPECT_EQ(ClosesOfLoops(sizes, 101), (Closes{1, 0, 1}));
  EXPECT_EQ(ClosesOfLoops(sizes, 300), (Closes{1, 0, 3}));
  EXPECT_EQ(ClosesOfLoops(sizes, 10'000), (Closes{2, 0, 3}));
}

constexpr size_t kMessageBytes = 1000;

Settings WithMemory(uint64_t backlogs_bytes_max) {
  Settings settings;
  settings.limits.high_watermark_bytes = 2 * kMessageBytes;
  settings.limits.backlogs_bytes_max = backlogs_bytes_max;
  return settings;
}

// A publisher on the first loop; "big" and "small" have a stopped subscriber each.
struct Scene {
  explicit Scene(uint32_t loops, uint64_t backlogs_bytes_max = 100'000,
                 esockets::Overflow overflow = OVERFLOW_DEFAULT)
      : cluster(loops, WithMemory(backlogs_bytes_max), 64 << 10),
        publisher(&cluster.loop(0)),
        big(&cluster.loop(loops - 1)),
        small(&cluster.loop(0)) {
    publisher.Connect("publisher");
    big.Connect("big");
    small.Connect("small");
    Turn();
    big.Subscribe("big", {.overflow = overflow});
    small.Subscribe("small", {});
    Turn();
    big.sink.TakeFrames();
    big.sink.set_window(0);
    small.sink.set_window(0);
  }
  void Turn() {
    for (uint32_t turn = 0; turn < 8; ++turn) {
      for (uint32_t i = 0; i < cluster.size(); ++i) cluster.loop(i).Turn();
    }
  }
  void Publish(std::string_view topic, int messages) {
    for (int i = 0; i < messages; ++i) {
      publisher.Publish(topic, std::string(kMessageBytes, 'x'));
      if (i % 10 == 9) Turn();
    }
    Turn();
  }
  uint64_t Sheds() {
    uint64_t sheds = 0;
    for (uint32_t i = 0; i < cluster.size(); ++i) {
      sheds += cluster.loop(i).shard.metrics.sheds_total.value();
    }
    return sheds;
  }

  SimCluster cluster;
  SimClient publisher;
  SimClient big;
  SimClient small;
};

class BacklogGovernorOn : public testing::TestWithParam<uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Loops, BacklogGovernorOn, testing::Values(1, 2, 4));

TEST_P(BacklogGovernorOn, TheLargestLosesAndTheSmallOneNothing) {
  Scene scene(GetParam());
  scene.Publish("small", 20);
  scene.Publish("big", 30);
  EXPECT_EQ(scene.Sheds(), 0U) << scene.cluster.totals.backlog_memory_bytes;
  scene.Publish("big", 60);
  EXPECT_GE(scene.Sheds(), 1U);
  EXPECT_LE(scene.cluster.totals.backlog_memory_bytes, ShedAboveBytes(100'000));
  EXPECT_GT(scene.big.session().outbox().dropped_messages_total(), 0U);
  // What meets the limit now is the small one's message, and yet it loses nothing.
  scene.Publish("small", 10);
  EXPECT_EQ(scene.small.session().outbox().dropped_messages_total(), 0U);
}

TEST_P(BacklogGovernorOn, WhatIsCutIsToldWithItsReason) {
  Scene scene(GetParam());
  scene.Publish("big", 200);
  const uint64_t dropped = scene.big.session().outbox().dropped_messages_total();
  ASSERT_GT(dropped, 0U);
  scene.big.sink.set_window(tests::FakeSink::kUnlimited);
  scene.big.sink.Read(10'000'000);
  scene.Turn();
  uint64_t received = 0, told = 0;
  for (const ServerFrame& frame : scene.big.sink.TakeFrames()) {
    received += frame.has_message() ? 1 : 0;
    told += frame.gap().messages();
    EXPECT_TRUE(!frame.has_gap() || frame.gap().reason() == esockets::Gap::BROKER_MEMORY);
  }
  EXPECT_EQ(told, dropped);
  EXPECT_EQ(received + told, 200U);
}

TEST(BacklogGovernor, AClientThatMustHaveAllIsEnded) {
  Scene scene(2, 100'000, OVERFLOW_DISCONNECT);
  scene.Publish("big", 120);
  ASSERT_TRUE(scene.big.sink.closed().has_value());
  EXPECT_EQ(scene.big.sink.closed()->code, CloseCode::kSlowConsumer);
  EXPECT_NE(scene.big.sink.closed()->detail.find("the broker's memory for backlogs is used up"),
            std::string::npos);
}

TEST(BacklogGovernor, DropNewestKeepsTheOldest) {
  Scene scene(1, 100'000, OVERFLOW_DROP_NEWEST);
  for (int i = 0; i < 95; ++i) {
    scene.publisher.Publish("big", std::to_string(i) + std::string(kMessageBytes, 'x'));
    scene.Turn();
  }
  ASSERT_GE(scene.Sheds(), 1U);
  scene.big.sink.set_window(tests::FakeSink::kUnlimited);
  scene.big.sink.Read(10'000'000);
  scene.Turn();
  const std::vector<ServerFrame> frames = scene.big.sink.TakeFrames();
  int next = 0;
  for (const ServerFrame& frame : frames) {
    if (!frame.has_message()) break;  // here newer ones were dropped
    EXPECT_TRUE(frame.message().payload().starts_with(std::to_string(next++) + "x"));
  }
  EXPECT_GT(next, 40);
  EXPECT_TRUE(frames[static_cast<size_t>(next)].has_gap());
}

}  // namespace
}  // namespace esockets::broker
