// Ten thousand readers of one stream over real sockets, each at a position of its own, all stopped
// and then going on at their own pace. Nothing is queued for them, nobody else notices anything,
// and each gets every message once and in order.
#include <cstdint>
#include <iostream>
#include <string>

#include "base/strings.h"
#include "broker/limits.h"
#include "gtest/gtest.h"
#include "proto/admin.pb.h"
#include "proto/esockets.pb.h"
#include "tests/support/allocations.h"
#include "tests/support/broker_fixture.h"
#include "tests/support/native_peer.h"
#include "tests/support/stream_crowd.h"

namespace esockets::tests {
namespace {

constexpr size_t kReaders = 10'000;
constexpr size_t kPayloadBytes = 1'000;
constexpr uint64_t kStored = 80;
constexpr uint64_t kBurst = 80;  // much more than is under way to a reader
constexpr uint64_t kLive = 5;
constexpr uint64_t kAtOnce = 5;
constexpr int kLoops = 2;

// What the broker may keep for readers that have stopped, connections included: of what they have
// not read, which is kept once, about a fortieth. Beside it the last steps of connections.
constexpr int64_t kBytesPerReaderMax = 3 << 10;
constexpr int64_t kFlightRecordsBytesMax =
    int64_t{kLoops} * broker::kFlightRecordersMax * (3 << 10);
// Of a burst, encoded once on each loop.
constexpr uint64_t kArenaBytesMax = 4 << 20;
constexpr int64_t kBytesMax = int64_t{kReaders} * kBytesPerReaderMax + kFlightRecordsBytesMax;

class ManyReaders : public BrokerFixture {
 protected:
  ManyReaders() {
    options_.server.loops = kLoops;
    options_.server.tuning.not_sent_low_at_bytes = 4 << 10;  // ten thousand times
    options_.settings.limits.high_watermark_bytes = 16 << 10;
    options_.settings.streams = {
        {.name = "chat", .filter = "chat/#", .limits = {}, .message_ids = {}}};
  }

  // Each payload begins with its position.
  void Publish(NativePeer& publisher, uint64_t messages) {
    for (uint64_t i = 0; i < messages; ++i) {
      std::string payload = base::StrCat(++published_, " ");
      payload.resize(kPayloadBytes, 'x');
      ASSERT_TRUE(publisher.Send(PublishFrame("chat/1", payload)));
      // A few at a time: a run goes into an empty queue whole.
      if (published_ % kAtOnce == 0) {
        ASSERT_TRUE(publisher.Ping());
      }
    }
    ASSERT_TRUE(publisher.Ping());
  }

  static uint64_t EpochOf(NativePeer& peer) {
    ClientFrame subscribe = SubscribeFrame(peer.NextId(), "chat/#");
    subscribe.mutable_subscribe()->set_start(START_NOW);
    EXPECT_TRUE(peer.Send(subscribe));
    const auto answer = peer.Receive();
    EXPECT_TRUE(answer && answer->has_subscribed());
    return answer ? answer->subscribed().stream().epoch() : 0;
  }

  static admin::Info AskInfo(NativePeer& administrator) {
    admin::Info info;
    EXPECT_TRUE(info.ParseFromString(administrator.Ask("$SYS/info", "").value_or("")));
    return info;
  }
  static uint64_t Delivered(const admin::Info& info) {
    uint64_t messages = 0;
    for (const admin::Loop& loop : info.loop()) messages += loop.delivered_messages_total();
    return messages;
  }

  // Nothing is queued for those who have stopped, and what is kept for them is bounded.
  void ExpectFlat(NativePeer& administrator, int64_t bytes_before, const char* when) {
    const admin::Info info = AskInfo(administrator);
    EXPECT_EQ(info.backlog_bytes(), 0U) << when;
    EXPECT_LE(info.arena_bytes(), kArenaBytesMax) << when;
    const int64_t bytes = LiveBytes() - bytes_before;
    std::cout << when << ": " << bytes << " bytes of heap for " << kReaders
              << " readers; bystanders exchanged " << bystanders().exchanged() << " messages so far"
              << std::endl;
    EXPECT_LE(bytes, kBytesMax) << when;
  }

  StreamCrowd crowd_;  // before the broker has its threads
  app::BrokerOptions options_ = DefaultOptions();
  uint64_t published_ = 0;
};

TEST_F(ManyReaders, AtPositionsOfTheirOwnGetEveryMessageOnceAndInOrder) {
  StartWithBystanders(options_);
  ASSERT_GT(broker().server().descriptor_limit(), kReaders + 100) << "too few open files";
  NativePeer administrator = ConnectedPeer();
  NativePeer publisher = ConnectedPeer();
  NativePeer asks_first = ConnectedPeer();
  const uint64_t epoch = EpochOf(asks_first);
  asks_first.Reset();
  ASSERT_NO_FATAL_FAILURE(Publish(publisher, kStored));
  const int64_t bytes_before = LiveBytes();
  uint64_t exchanged = bystanders().exchanged();

  ASSERT_EQ(crowd_.Begin(address().ToString(), "chat/#", kReaders, epoch, kStored), "");
  ASSERT_NO_FATAL_FAILURE(Publish(publisher, kBurst));
  ASSERT_NO_FATAL_FAILURE(ExpectFlat(administrator, bytes_before, "stopped in what is stored"));
  EXPECT_GT(bystanders().exchanged(), exchanged);

  exchanged = bystanders().exchanged();
  ASSERT_EQ(crowd_.ReadTo(published_), "");
  EXPECT_GT(bystanders().exchanged(), exchanged);
  ASSERT_NO_FATAL_FAILURE(Publish(publisher, kLive));
  ASSERT_EQ(crowd_.ReadTo(published_), "") << "live";

  exchanged = bystanders().exchanged();
  const uint64_t delivered = Delivered(AskInfo(administrator));
  ASSERT_NO_FATAL_FAILURE(Publish(publisher, kBurst));
  EXPECT_LT(Delivered(AskInfo(administrator)) - delivered, kReaders * kBurst * 3 / 4)
      << "they had room";
  ASSERT_NO_FATAL_FAILURE(ExpectFlat(administrator, bytes_before, "stopped while it is published"));
  EXPECT_GT(bystanders().exchanged(), exchanged);
  ASSERT_EQ(crowd_.ReadTo(published_), "");
  ASSERT_EQ(crowd_.ExpectNothingMore(), "");
}

}  // namespace
}  // namespace esockets::tests
