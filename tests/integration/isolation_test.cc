// One subscriber of a hundred has stopped reading, over real sockets: the other ninety-nine get
// every message in order, and what is kept for the stopped one is bounded by its own limit.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "proto/admin.pb.h"
#include "proto/esockets.pb.h"
#include "tests/support/broker_fixture.h"
#include "tests/support/native_peer.h"
#include "tests/support/numbered.h"

namespace esockets::tests {
namespace {

constexpr int kSubscribers = 100;
constexpr int kStopped = 37;  // somewhere in the middle of those that the router serves
constexpr uint64_t kBacklogBytesMax = 1 << 20;

// By the number of loops.
class Isolation : public BrokerFixture, public testing::WithParamInterface<int> {
 protected:
  struct Subscriber {
    NativePeer peer;
    Numbered seen{"t"};
  };

  void SetUp() override {
    app::BrokerOptions options = DefaultOptions();
    options.server.loops = GetParam();
    options.settings.limits.backlog_bytes_max = kBacklogBytesMax;
    Start(std::move(options));
    subscribers_.reserve(kSubscribers);
    for (int i = 0; i < kSubscribers; ++i) {
      subscribers_.push_back({.peer = ConnectedPeer(base::StrCat("subscriber", i))});
      ASSERT_TRUE(subscribers_.back().peer.Subscribe("t"));
    }
  }

  // Messages few enough that nobody who reads is ever behind.
  void PublishBatch(NativePeer& publisher) {
    std::string frames;
    for (int i = 0; i < 50; ++i) frames += published_.Next(1500);
    ASSERT_TRUE(publisher.SendRaw(frames));
    ASSERT_TRUE(publisher.Ping());
  }

  // All that was published so far, and nothing else.
  void ReadAll(Subscriber& subscriber) {
    while (subscriber.seen.delivered() + subscriber.seen.reported() < published_.published()) {
      const std::optional<ServerFrame> frame = subscriber.peer.Receive();
      ASSERT_TRUE(frame && (frame->has_message() || frame->has_gap()));
      frame->has_gap() ? subscriber.seen.OnGap(frame->gap())
                       : subscriber.seen.OnMessage(frame->message());
    }
  }

  void OthersReadAll() {
    for (int i = 0; i < kSubscribers; ++i) {
      if (i == kStopped) continue;
      ASSERT_NO_FATAL_FAILURE(ReadAll(subscribers_[i])) << "subscriber " << i;
    }
  }

  Numbered published_{"t"};
  std::vector<Subscriber> subscribers_;
};

TEST_P(Isolation, OneOfAHundredHasStoppedAndNobodyElseLosesAnything) {
  NativePeer publisher = ConnectedPeer();
  NativePeer administrator = ConnectedPeer();
  admin::Client stopped;
  admin::Info info;
  while (stopped.dropped_messages_total() < 300) {
    ASSERT_NO_FATAL_FAILURE(PublishBatch(publisher));
    ASSERT_NO_FATAL_FAILURE(OthersReadAll());
    stopped = Look(administrator, base::StrCat("subscriber", kStopped));
    EXPECT_LE(stopped.backlog_bytes(), kBacklogBytesMax);
    // Of the whole broker: nobody else is behind.
    ASSERT_TRUE(info.ParseFromString(administrator.Ask("$SYS/info", "").value_or("")));
    EXPECT_LE(info.backlog_bytes(), kBacklogBytesMax);
  }
  EXPECT_GT(info.backlog_bytes(), kBacklogBytesMax / 2);
  for (int i = 0; i < kSubscribers; ++i) {
    EXPECT_EQ(subscribers_[i].seen.gaps(), 0) << "subscriber " << i;
  }
  // It reads again: what it got and what it was told that it lost are all there was.
  ASSERT_NO_FATAL_FAILURE(ReadAll(subscribers_[kStopped]));
  const Numbered& late = subscribers_[kStopped].seen;
  EXPECT_EQ(late.delivered() + late.reported(), published_.published());
  EXPECT_EQ(late.reported(), stopped.dropped_messages_total());
  for (Subscriber& subscriber : subscribers_) EXPECT_TRUE(subscriber.peer.Ping());
}

INSTANTIATE_TEST_SUITE_P(Loops, Isolation, testing::Values(1, 4));

}  // namespace
}  // namespace esockets::tests
