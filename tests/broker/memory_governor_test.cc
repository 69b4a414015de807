#include "broker/memory_governor.h"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "base/strings.h"
#include "broker/local_authenticator.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "tests/support/cluster_test.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/sim_client.h"

namespace esockets::broker {
namespace {

using tests::SimClient;

TEST(MemoryLevels, BeginAtTheirPartOfTheLimit) {
  struct Case {
    uint64_t bytes;
    MemoryLevel level;
  };
  for (const Case& one :
       {Case{0, MemoryLevel::kEnough}, Case{799, MemoryLevel::kEnough},
        Case{800, MemoryLevel::kNoNewcomers}, Case{849, MemoryLevel::kNoNewcomers},
        Case{850, MemoryLevel::kCutBacklogs}, Case{899, MemoryLevel::kCutBacklogs},
        Case{900, MemoryLevel::kCloseSlow}, Case{949, MemoryLevel::kCloseSlow},
        Case{950, MemoryLevel::kKeepNothing}, Case{5000, MemoryLevel::kKeepNothing}}) {
    EXPECT_EQ(MemoryLevelAt(one.bytes, 1000), one.level) << one.bytes;
  }
  EXPECT_EQ(MemoryLevelAt(5000, 0), MemoryLevel::kEnough) << "no limit";
}

constexpr uint64_t kMemoryBytesMax = 1'000'000;
constexpr size_t kMessageBytes = 1000;

class MemoryGovernorTest : public tests::ClusterTest {
 protected:
  MemoryGovernorTest() {
    auto users = std::make_shared<LocalAuthenticator>();
    users->AddToken("root", "root", true);
    users->AddToken("user", "user", false);
    settings_.authenticator = users;
    settings_.streams = {{.name = "kept", .filter = "kept/#"},
                         {.name = "last",
                          .filter = "last/#",
                          .limits = {.messages_per_topic_max = 1},
                          .last_values = LastValueLimits()}};
    settings_.limits.memory_bytes_max = kMemoryBytesMax;
    settings_.limits.high_watermark_bytes = 20 * kMessageBytes;
    Start();
    governor_ = std::make_unique<MemoryGovernor>(
        &cluster_->loop(0).shard,
        ProcessMemory{.bytes = [this] { return memory_bytes_; }, .release = [this] { Release(); }});
    cluster_->loop(0).executor.AssertOnLoop();
    governor_->Start();
    publisher_ = Join("publisher");
  }
  void Release() {
    ++releases_;
    memory_bytes_ -= free_bytes_;
    free_bytes_ = 0;
  }

  std::unique_ptr<SimClient> TryJoin(std::string_view id, std::string_view token = "user") {
    return Show(id, token);
  }
  std::unique_ptr<SimClient> Join(std::string_view id) {
    auto client = TryJoin(id);
    EXPECT_EQ(client->Lines(), Lines{base::StrCat("connected ", id)});
    return client;
  }
  // The process has so much at the next look.
  void Use(uint64_t bytes) {
    const bool soon = cluster_->totals.memory_bytes > kMemoryBytesMax / 2;
    memory_bytes_ = bytes;
    Pass(soon ? kMemoryLookSoon : kMemoryLookInterval);
    Settle();
  }
  // Reads nothing any more, and this waits for it: it is slow.
  std::unique_ptr<SimClient> JoinStopped(std::string_view id, int messages) {
    auto client = Join(id);
    client->Subscribe(id);
    Settle();
    client->Lines();
    client->sink.set_window(0);
    for (int i = 0; i < messages; ++i) {
      publisher_->Publish(id, std::string(kMessageBytes, 'x'));
      Settle();
    }
    for (int look = 0; look < 4; ++look) Pass(kSlowLookInterval);
    Settle();
    return client;
  }
  // The homes of streams answer when they come to it.
  Lines SortedLines() {
    Lines lines = publisher_->Lines();
    std::ranges::sort(lines);
    return lines;
  }
  uint64_t Refused(ErrorCode code) {
    uint64_t refused = 0;
    ForEachLoop([&](Shard& shard) { refused += shard.metrics.of(code).value(); });
    return refused;
  }

  std::unique_ptr<MemoryGovernor> governor_;
  uint64_t memory_bytes_ = 100'000;
  uint64_t free_bytes_ = 0;
  int releases_ = 0;
  std::unique_ptr<SimClient> publisher_;
};
INSTANTIATE_TEST_SUITE_P(Loops, MemoryGovernorTest, tests::LoopCounts(), tests::LoopCountName);

TEST_P(MemoryGovernorTest, WhatTheAllocatorKeepsIsGivenBackBeforeAnybodyLosesAnything) {
  const auto stopped = JoinStopped("stopped", 40);
  free_bytes_ = 500'000;
  Use(990'000);
  EXPECT_EQ(releases_, 1);
  EXPECT_EQ(cluster_->totals.memory_bytes, 490'000U);
  EXPECT_EQ(stopped->session().outbox().dropped_messages_total(), 0U);
  EXPECT_FALSE(TryJoin("newcomer")->sink.closed().has_value());
  Use(500'000);
  EXPECT_EQ(releases_, 1) << "it takes time, and there is no need";
}

TEST_P(MemoryGovernorTest, FirstNewcomersAreRefusedButForWhoAdministrates) {
  const auto stopped = JoinStopped("stopped", 40);
  Use(810'000);
  const auto newcomer = TryJoin("newcomer");
  ASSERT_TRUE(newcomer->sink.closed().has_value());
  EXPECT_EQ(newcomer->sink.closed()->code, CloseCode::kTooManyClients);
  EXPECT_EQ(newcomer->sink.closed()->detail, "the broker is short of memory");
  EXPECT_FALSE(TryJoin("operator", "root")->sink.closed().has_value());
  EXPECT_EQ(stopped->session().outbox().dropped_messages_total(), 0U);
  publisher_->PublishAcked("kept/a", "x");
  Settle();
  EXPECT_EQ(publisher_->Lines(), Lines{"published 1 at 1"});
  Use(790'000);
  EXPECT_FALSE(TryJoin("later")->sink.closed().has_value());
  EXPECT_EQ(cluster_->loop(0).shard.metrics.memory_short_total.value(), 1U);
}

TEST_P(MemoryGovernorTest, ThenTheLargestBacklogsAreCut) {
  const auto large = JoinStopped("large", 100), small = JoinStopped("small", 30);
  const uint64_t before = large->session().outbox().backlog_memory_bytes();
  Use(850'000);  // 50,000 too many
  EXPECT_GT(large->session().outbox().dropped_messages_total(), 0U);
  EXPECT_LE(large->session().outbox().backlog_memory_bytes(), before - 45'000);
  EXPECT_EQ(small->session().outbox().dropped_messages_total(), 0U);
  EXPECT_FALSE(large->sink.closed() || small->sink.closed()) << "nobody is closed at this level";
}

TEST_P(MemoryGovernorTest, AsLongAsACutWasNotEnoughTheNextOneTakesMore) {
  const auto large = JoinStopped("large", 500);
  const auto dropped = [&] { return large->session().outbox().dropped_messages_total(); };
  Use(850'000);
  const uint64_t first = dropped();
  Use(850'000);
  const uint64_t second = dropped() - first;
  EXPECT_GE(second, 2 * first - 2);
  Use(805'000);
  Use(850'000);
  EXPECT_LE(dropped() - first - second, first + 2) << "from the beginning";
}

TEST_P(MemoryGovernorTest, ThenWhoHoldsMostIsClosedAndToldWhenToComeBack) {
  const auto large = JoinStopped("large", 200), small = JoinStopped("small", 12);
  Use(900'000);
  EXPECT_FALSE(large->sink.closed().has_value()) << "what is cut may be enough";
  EXPECT_GT(large->session().outbox().dropped_messages_total(), 60U);
  Use(805'000);
  Use(899'000);
  EXPECT_FALSE(large->sink.closed().has_value()) << "it was, for a while";
  Use(900'000);
  ASSERT_TRUE(large->sink.closed().has_value());
  EXPECT_EQ(large->sink.closed()->code, CloseCode::kSlowConsumer);
  EXPECT_TRUE(large->sink.closed()->detail.starts_with("the broker is short of memory, and "));
  EXPECT_FALSE(small->sink.closed().has_value()) << "that would be no help";
  EXPECT_FALSE(publisher_->sink.closed().has_value()) << "who keeps up is never closed";
}

TEST_P(MemoryGovernorTest, AtLastNothingMoreIsKept) {
  publisher_->PublishAcked("last/a", "x");
  Settle();
  publisher_->Lines();
  Use(950'000);
  publisher_->PublishAcked("kept/a", "x");
  publisher_->PublishAcked("last/a", "y");
  publisher_->PublishAcked("last/a", "");
  publisher_->PublishAcked("other", "x");
  publisher_->Subscribe("more");
  Settle();
  EXPECT_EQ(SortedLines(),
            (Lines{"error 2 122", "error 3 122", "error 6 122", "published 4", "published 5"}));
  EXPECT_EQ(Refused(ErrorCode::kBrokerBusy), 3U);
  Use(100'000);
  publisher_->PublishAcked("kept/a", "x");
  publisher_->Subscribe("more");
  Settle();
  EXPECT_EQ(SortedLines(), (Lines{"published 7 at 1", "subscribed 8"}));
}

TEST_P(MemoryGovernorTest, WithoutALimitNothingIsShed) {
  const auto stopped = JoinStopped("stopped", 40);
  Limits none = settings_.limits;
  none.memory_bytes_max = 0;
  settings_.limits = none;
  ForEachLoop([&](Shard& shard) {
    shard.executor.AssertOnLoop();
    shard.Replace(settings_);
  });
  Use(UINT64_MAX / 2);
  EXPECT_EQ(releases_, 0);
  EXPECT_EQ(stopped->session().outbox().dropped_messages_total(), 0U);
  EXPECT_FALSE(TryJoin("newcomer")->sink.closed().has_value());
}

}  // namespace
}  // namespace esockets::broker
