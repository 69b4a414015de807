#include "broker/streams.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
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

using std::chrono::milliseconds;

class StreamsTest : public tests::ClusterTest {
 protected:
  StreamsTest() {
    settings_.streams = {{.name = "chat", .filter = "chat/#", .limits = {}, .message_ids = {}}};
    settings_.limits.high_watermark_bytes = 200;
  }

  // Subscribes and returns what comes.
  Lines Subscribed(tests::SimClient& client, std::string_view filter,
                   const tests::SimClient::Options& options) {
    tests::PretendOnLoop();
    client.Subscribe(filter, options);
    Settle();
    return Arrived(client);
  }
  Lines Arrived(tests::SimClient& client) {
    Lines lines;
    for (const ServerFrame& frame : client.sink.TakeFrames()) {
      if (frame.has_subscribed() && frame.subscribed().has_stream()) {
        epoch_ = frame.subscribed().stream().epoch();
      }
      lines.push_back(tests::LineOf(frame));
    }
    return lines;
  }

  uint64_t epoch_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Loops, StreamsTest, tests::LoopCounts(), tests::LoopCountName);

TEST_P(StreamsTest, EverybodySeesOneOrderAndItsNumbers) {
  Start();
  const auto ann = Join("ann"), bob = Join("bob"), eve = Join("eve");
  EXPECT_EQ(Subscribed(*ann, "chat/#", {}), Lines{"subscribed 1 behind 0"});
  EXPECT_EQ(Subscribed(*bob, "chat/1", {}), Lines{"subscribed 1 behind 0"});
  Publish(*eve, "chat/1", 1, 2);
  Publish(*ann, "chat/2", 3, 3);
  Publish(*eve, "other", 4, 4);
  EXPECT_EQ(Arrived(*ann), (Lines{"1 chat/1=1", "2 chat/1=2", "3 chat/2=3"}));
  EXPECT_EQ(Arrived(*bob), (Lines{"1 chat/1=1", "2 chat/1=2"}));
}

TEST_P(StreamsTest, ASubscriptionBeginsWhereItAsksFor) {
  Start();
  const auto ann = Join("ann"), bob = Join("bob");
  Publish(*ann, "chat/1", 1, 3);
  Publish(*ann, "chat/2", 4, 5);
  EXPECT_EQ(Subscribed(*bob, "chat/#", {.start = START_LAST, .start_at = 2}),
            (Lines{"subscribed 1 behind 3", "4 chat/2=4", "5 chat/2=5"}));
  EXPECT_EQ(Subscribed(*bob, "chat/1", {.start = START_LAST, .start_at = 2}),
            (Lines{"subscribed 2 behind 1", "2 chat/1=2", "3 chat/1=3"}));
  EXPECT_EQ(Subscribed(*bob, "chat/+", {.start = START_LAST_OF_EACH_TOPIC, .start_at = 1}),
            (Lines{"subscribed 3 behind 0", "3 chat/1=3", "5 chat/2=5"}));
  EXPECT_EQ(Subscribed(*bob, "chat/2/#", {.start = START_AT_TIME, .start_at = 1}),
            (Lines{"subscribed 4 behind 0", "4 chat/2=4", "5 chat/2=5"}));
  EXPECT_EQ(Subscribed(*bob, "chat/1/#",
                       {.start = START_AFTER_POSITION, .start_at = 2, .start_epoch = epoch_}),
            (Lines{"subscribed 5 behind 2", "3 chat/1=3"}));
}

TEST_P(StreamsTest, TheContractThatHoldsIsTold) {
  settings_.delivery.otherwise = Overflow::kConflate;
  Start();
  const auto ann = Join("ann");
  EXPECT_EQ(Subscribed(*ann, "chat/1", {}), Lines{"subscribed 1 behind 0 under CONFLATE"});
  EXPECT_EQ(Subscribed(*ann, "chat/2", {.overflow = OVERFLOW_DROP_OLDEST}),
            Lines{"subscribed 2 behind 0"});
}

TEST_P(StreamsTest, ThenItGoesOnWithoutAHoleAndWithoutADuplicate) {
  Start();
  const auto ann = Join("ann"), bob = Join("bob");
  for (int i = 1; i <= 100; ++i) {
    ann->Publish("chat/1", base::StrCat(i));
    if (i == 50) bob->Subscribe("chat/#", {.start = START_LAST, .start_at = 30});
    if (i % 7 == 0) cluster_->loop(static_cast<uint32_t>(i) % cluster_->size()).Turn();
  }
  Settle();
  const Lines arrived = Arrived(*bob);
  ASSERT_GE(arrived.size(), 31U);
  EXPECT_TRUE(arrived[0].starts_with("subscribed 1 behind "));
  const int begin = 101 - static_cast<int>(arrived.size() - 1);
  for (size_t i = 1; i < arrived.size(); ++i) {
    const int number = begin + static_cast<int>(i) - 1;
    EXPECT_EQ(arrived[i], base::StrCat(number, " chat/1=", number));
  }
}

TEST_P(StreamsTest, AClientThatComesBackGetsWhatItHasMissed) {
  settings_.streams[0].limits.messages_max = 5;
  Start();
  const auto ann = Join("ann"), bob = Join("bob");
  Subscribed(*bob, "chat/#", {});
  Publish(*ann, "chat/1", 1, 3);
  bob->Vanish();
  Publish(*ann, "chat/1", 4, 6);
  const auto again = Join("bob2"), late = Join("late"), other = Join("other");
  EXPECT_EQ(Subscribed(*again, "chat/#",
                       {.start = START_AFTER_POSITION, .start_at = 3, .start_epoch = epoch_}),
            (Lines{"subscribed 1 behind 3", "4 chat/1=4", "5 chat/1=5", "6 chat/1=6"}));
  Publish(*ann, "chat/1", 7, 9);
  EXPECT_EQ(Subscribed(*late, "chat/#",
                       {.start = START_AFTER_POSITION, .start_at = 3, .start_epoch = epoch_}),
            (Lines{"subscribed 1 behind 4, not recovered", "5 chat/1=5", "6 chat/1=6", "7 chat/1=7",
                   "8 chat/1=8", "9 chat/1=9"}));
  EXPECT_EQ(Subscribed(*other, "chat/#",
                       {.start = START_AFTER_POSITION, .start_at = 8, .start_epoch = epoch_ + 1}),
            (Lines{"subscribed 1 behind 4, not recovered", "5 chat/1=5", "6 chat/1=6", "7 chat/1=7",
                   "8 chat/1=8", "9 chat/1=9"}));
}

TEST_P(StreamsTest, APositionThatWasNeverGivenIsRefusedAndNothingChanges) {
  Start();
  const auto ann = Join("ann"), bob = Join("bob");
  Publish(*ann, "chat/1", 1, 2);
  Subscribed(*bob, "chat/1", {});
  const tests::SimClient::Options future{
      .start = START_AFTER_POSITION, .start_at = 3, .start_epoch = epoch_};
  EXPECT_EQ(Subscribed(*bob, "chat/#", future), Lines{"error 2 125"});
  EXPECT_EQ(Subscribed(*bob, "chat/1", future), Lines{"error 3 125"});
  Publish(*ann, "chat/1", 3, 3);
  EXPECT_EQ(Arrived(*bob), Lines{"3 chat/1=3"});
  EXPECT_EQ(bob->session().subscriptions().size(), 1U);
}

TEST_P(StreamsTest, OnlyAFilterWithinOneStreamHasAPlaceInIt) {
  Start();
  const auto ann = Join("ann");
  EXPECT_EQ(Subscribed(*ann, "#", {.start = START_LAST, .start_at = 1}), Lines{"error 1 124"});
  EXPECT_EQ(Subscribed(*ann, "other", {.overflow = OVERFLOW_REPLAY}), Lines{"error 2 124"});
  EXPECT_EQ(Subscribed(*ann, "chat/1", {.start = START_LAST}), Lines{"error 3 125"});
  EXPECT_EQ(Subscribed(*ann, "#", {}), Lines{"subscribed 4"});
  Publish(*ann, "chat/1", 1, 1);
  EXPECT_EQ(Arrived(*ann), Lines{"1 chat/1=1"});
}

TEST_P(StreamsTest, PublishedSaysWhereTheMessageIsStored) {
  Start();
  const auto ann = Join("ann"), bob = Join("bob");
  Publish(*bob, "chat/1", 1, 2);
  ann->PublishAcked("chat/1", "x");
  ann->PublishAcked("other", "x");
  Settle();
  Lines arrived = Arrived(*ann);
  std::ranges::sort(arrived);  // answers of different homes
  EXPECT_EQ(arrived, (Lines{"published 1 at 3", "published 2"}));
}

TEST_P(StreamsTest, AMessageWithAnIdIsStoredOnce) {
  settings_.streams[0].message_ids.window = milliseconds(100);
  Start();
  const auto ann = Join("ann"), bob = Join("bob"), reader = Join("reader");
  Subscribed(*reader, "chat/#", {});
  ann->PublishAcked("chat/1", "x", {.message_id = "a"});
  Settle();
  ann->PublishAcked("chat/1", "x", {.message_id = "a"});
  ann->PublishAcked("chat/1", "y", {.message_id = "b"});
  Settle();
  EXPECT_EQ(Arrived(*ann),
            (Lines{"published 1 at 1", "published 2 at 1 already", "published 3 at 2"}));
  bob->PublishAcked("chat/1", "z", {.message_id = "a"});
  bob->PublishAcked("chat/2", "x", {.message_id = "a"});
  bob->PublishAcked("other", "x", {.message_id = "a"});
  bob->PublishAcked("chat/1", "x", {.message_id = std::string(65, 'a')});
  bob->Publish("chat/1", "x", {.message_id = "c"});
  Settle();
  Lines refused = Arrived(*bob);
  std::ranges::sort(refused);
  EXPECT_EQ(refused,
            (Lines{"error 0 126", "error 1 127", "error 2 127", "error 3 124", "error 4 126"}));
  EXPECT_EQ(Arrived(*reader), (Lines{"1 chat/1=x", "2 chat/1=y"}));
  Pass(milliseconds(100));
  bob->PublishAcked("chat/1", "z", {.message_id = "a"});
  Settle();
  EXPECT_EQ(Arrived(*bob), Lines{"published 5 at 3"});
}

// It takes nothing from another subscription of its client while it is not answered.
TEST_P(StreamsTest, WhatIsOnlyBeingOpenedDoesNotGovern) {
  Start();
  const auto ann = Join("ann"), bob = Join("bob");
  Subscribed(*bob, "chat/#", {});
  int published = 0;
  for (const tests::SimClient::Options& options :
       {tests::SimClient::Options{},
        tests::SimClient::Options{.start = START_LAST, .start_at = 1}}) {
    bob->Subscribe(options.start == START_NOW ? "chat/1" : "chat/+", options);
    for (int i = 0; i < 10; ++i) {
      ann->Publish("chat/1", base::StrCat(++published));
      Turn();
    }
    Settle();
  }
  std::set<std::string> messages;
  for (const std::string& line : Arrived(*bob)) {
    if (line.find('=') != std::string::npos) messages.insert(line);
  }
  EXPECT_EQ(messages.size(), 20U);
}

// --- REPLAY -------------------------------------------------------------------------------------

TEST_P(StreamsTest, WhoFallsBehindUnderReplayReadsAllOfItAndNothingIsQueued) {
  Start();
  const auto ann = Join("ann"), slow = Join("slow");
  Subscribed(*slow, "chat/+", {.overflow = OVERFLOW_REPLAY});
  slow->sink.set_window(0);
  Publish(*ann, "chat/1", 1, 1000);
  EXPECT_LE(slow->sink.unsent_bytes(), settings_.limits.high_watermark_bytes);
  EXPECT_EQ(slow->session().outbox().backlog_messages(), 0U);
  EXPECT_EQ(cluster_->totals.backlog_memory_bytes, 0U);
  slow->sink.Read(tests::FakeSink::kUnlimited);
  Publish(*ann, "chat/2", 1001, 1010);
  Settle();
  const Lines arrived = Arrived(*slow);
  ASSERT_EQ(arrived.size(), 1010U);
  for (int i = 1; i <= 1010; ++i) {
    ASSERT_EQ(arrived[static_cast<size_t>(i) - 1],
              base::StrCat(i, " chat/", i <= 1000 ? 1 : 2, "=", i));
  }
}

TEST_P(StreamsTest, WhatRetentionHasTakenMeanwhileIsAGap) {
  settings_.streams[0].limits.messages_max = 10;
  Start();
  const auto ann = Join("ann"), slow = Join("slow");
  Subscribed(*slow, "chat/#", {.overflow = OVERFLOW_REPLAY});
  slow->sink.set_window(0);
  Publish(*ann, "chat/1", 1, 100);
  slow->sink.Read(tests::FakeSink::kUnlimited);
  Settle();
  const Lines arrived = Arrived(*slow);
  ASSERT_GE(arrived.size(), 11U);
  const size_t kept = arrived.size() - 11;
  for (size_t i = 0; i < kept; ++i) EXPECT_EQ(arrived[i], base::StrCat(i + 1, " chat/1=", i + 1));
  EXPECT_EQ(arrived[kept], base::StrCat("gap chat/# ", 90 - kept, " (", kept + 1, "-90)"));
  for (size_t i = 1; i <= 10; ++i) {
    EXPECT_EQ(arrived[kept + i], base::StrCat(90 + i, " chat/1=", 90 + i));
  }
}

TEST_P(StreamsTest, AtTheHeadAReplayIsAsAnyOtherSubscription) {
  Start();
  const auto ann = Join("ann"), reader = Join("reader");
  Subscribed(*reader, "chat/#", {.overflow = OVERFLOW_REPLAY});
  Publish(*ann, "chat/1", 1, 10);
  EXPECT_EQ(Arrived(*reader).size(), 10U);
  ForEachLoop([](const Shard& shard) { EXPECT_EQ(shard.stream_readers.size(), 0U); });
}

TEST_P(StreamsTest, WhoGoesWhileItReadsLeavesNothing) {
  Start();
  const auto ann = Join("ann");
  Publish(*ann, "chat/1", 1, 100);
  auto gone = Join("gone"), left = Join("left");
  for (auto* client : {gone.get(), left.get()}) {
    client->sink.set_window(0);
    client->Subscribe("chat/#", {.start = START_LAST, .start_at = 90});
  }
  left->Unsubscribe("chat/#");
  Settle();
  gone.reset();
  left->sink.Read(tests::FakeSink::kUnlimited);
  Settle();
  EXPECT_EQ(Arrived(*left), (Lines{"subscribed 1", "unsubscribed 2"}));
  ForEachLoop([](const Shard& shard) { EXPECT_EQ(shard.stream_readers.size(), 0U); });
}

TEST_P(StreamsTest, WhatIsTooOldGoesAlthoughNothingIsPublished) {
  settings_.streams[0].limits.age_max = milliseconds(100);
  Start();
  const auto ann = Join("ann");
  Publish(*ann, "chat/1", 1, 10);
  for (int i = 0; i < 20; ++i) {
    Pass(milliseconds(20));
    Settle();
  }
  uint64_t messages = 0;
  ForEachLoop([&](const Shard& shard) {
    shard.streams.ForEachHome([&](const StreamHome& home) {
      tests::PretendOnLoop();
      messages += home.store().figures().messages;
      EXPECT_EQ(home.store().last(), 10U);
    });
  });
  EXPECT_EQ(messages, 0U);
}

}  // namespace
}  // namespace esockets::broker
