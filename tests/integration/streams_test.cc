// Streams on real loops and sockets: one order for all, history, resuming, and a reader that stops.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <vector>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "proto/admin.pb.h"
#include "proto/esockets.pb.h"
#include "tests/support/broker_fixture.h"
#include "tests/support/native_peer.h"

namespace esockets::tests {
namespace {

constexpr uint64_t kEachPublishes = 500;
constexpr size_t kPublishers = 4;

// Loops, and whether messages are stamped: without stamps frames are shared between loops.
class StreamsOnSockets : public BrokerFixture,
                         public testing::WithParamInterface<std::tuple<size_t, bool>> {
 protected:
  StreamsOnSockets() {
    options_ = DefaultOptions();
    options_.server.loops = std::get<0>(GetParam());
    options_.settings.stamps.publisher = std::get<1>(GetParam());
    options_.settings.streams = {
        {.name = "chat", .filter = "chat/#", .limits = {}, .message_ids = {}}};
  }

  static ClientFrame Subscribing(NativePeer& peer, std::string_view filter, esockets::Start start,
                                 uint64_t at = 0, uint64_t epoch = 0,
                                 Overflow overflow = OVERFLOW_DEFAULT) {
    ClientFrame frame = SubscribeFrame(peer.NextId(), filter);
    frame.mutable_subscribe()->set_start(start);
    frame.mutable_subscribe()->set_start_at(at);
    frame.mutable_subscribe()->set_start_epoch(epoch);
    frame.mutable_subscribe()->set_overflow(overflow);
    return frame;
  }
  // Where it begins. Nothing: it was refused.
  static std::optional<StreamStart> Begin(NativePeer& peer, const ClientFrame& subscribe) {
    EXPECT_TRUE(peer.Send(subscribe));
    const std::optional<ServerFrame> answer = peer.Receive();
    if (!answer || !answer->has_subscribed()) return std::nullopt;
    return answer->subscribed().stream();
  }
  // All publish at once, each to a topic of its own, with a Ping at the end.
  void PublishAtOnce(std::vector<NativePeer>& publishers) {
    std::vector<std::thread> threads;
    for (size_t i = 0; i < publishers.size(); ++i) {
      threads.emplace_back([i, &publisher = publishers[i]] {
        std::string frames;
        for (uint64_t m = 0; m < kEachPublishes; ++m) {
          frames += Framed(
              PublishFrame(base::StrCat("chat/", i), base::StrCat(m, " ", std::string(200, 'x'))));
        }
        EXPECT_TRUE(publisher.SendRaw(frames) && publisher.Ping());
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  // The payloads of the next `count` messages, whose positions rise by one from `first`.
  static std::vector<std::string> Payloads(NativePeer& reader, uint64_t first, uint64_t count) {
    std::vector<std::string> payloads;
    for (uint64_t i = 0; i < count; ++i) {
      const std::optional<ServerFrame> frame = reader.Receive();
      EXPECT_TRUE(frame && frame->has_message());
      if (!frame || !frame->has_message()) break;
      EXPECT_EQ(frame->message().position(), first + i);
      payloads.push_back(base::StrCat(frame->message().topic(), " ", frame->message().payload()));
    }
    return payloads;
  }

  app::BrokerOptions options_;
};

INSTANTIATE_TEST_SUITE_P(Loops, StreamsOnSockets,
                         testing::Combine(testing::Values(1, 2, 4), testing::Bool()),
                         [](const auto& one) {
                           return base::StrCat(std::get<0>(one.param),
                                               std::get<1>(one.param) ? "Stamped" : "");
                         });

TEST_P(StreamsOnSockets, WhoListensAndWhoComesLaterSeeOneOrder) {
  StartWithBystanders(options_);
  std::vector<NativePeer> listeners, publishers;
  for (size_t i = 0; i < kPublishers; ++i) {
    publishers.push_back(ConnectedPeer(base::StrCat("publisher-", i)));
    listeners.push_back(ConnectedPeer(base::StrCat("listener-", i)));
    ASSERT_TRUE(Begin(listeners.back(), Subscribing(listeners.back(), "chat/#", START_NOW)));
  }
  std::thread publishing([&] { PublishAtOnce(publishers); });
  constexpr uint64_t kAll = kPublishers * kEachPublishes;
  const std::vector<std::string> order = Payloads(listeners[0], 1, kAll);
  for (size_t i = 1; i < kPublishers; ++i) EXPECT_EQ(Payloads(listeners[i], 1, kAll), order);
  publishing.join();

  std::map<std::string, uint64_t> next;
  for (const std::string& one : order) {
    const size_t space = one.find(' ');
    ASSERT_EQ(std::stoull(one.substr(space + 1)), next[one.substr(0, space)]++);
  }
  for (size_t i = 0; i < kPublishers; ++i) {
    NativePeer late = ConnectedPeer(base::StrCat("late-", i));
    ASSERT_TRUE(Begin(late, Subscribing(late, "chat/#", START_AT_TIME, 1)));
    EXPECT_EQ(Payloads(late, 1, kAll), order);
    NativePeer one_topic = ConnectedPeer(base::StrCat("one-", i));
    ASSERT_TRUE(Begin(one_topic, Subscribing(one_topic, "chat/1", START_LAST, 20)));
    for (uint64_t m = kEachPublishes - 20; m < kEachPublishes; ++m) {
      const std::optional<ServerFrame> frame = one_topic.Receive();
      ASSERT_TRUE(frame && frame->has_message());
      EXPECT_EQ(std::stoull(frame->message().payload()), m);
      EXPECT_EQ(frame->message().publisher() != 0, std::get<1>(GetParam()));
    }
  }
}

TEST_P(StreamsOnSockets, AReaderThatStopsAndGoesOnUnderReplayMissesNothing) {
  constexpr uint64_t kMessages = 1'500;
  StartWithBystanders(options_);
  NativePeer publisher = ConnectedPeer("publisher");
  NativePeer administrator = ConnectedPeer("administrator");
  NativePeer reader = ConnectedPeer("reader", {.source = {}, .receive_buffer_bytes = 16 << 10});
  ASSERT_TRUE(Begin(reader, Subscribing(reader, "chat/#", START_NOW, 0, 0, OVERFLOW_REPLAY)));
  const std::string filling(4'000, 'x');
  for (uint64_t m = 0; m < kMessages; ++m) {
    ASSERT_TRUE(publisher.Send(PublishFrame("chat/1", base::StrCat(m, " ", filling))));
  }
  ASSERT_TRUE(publisher.Ping());
  admin::Info info;
  ASSERT_TRUE(info.ParseFromString(administrator.Ask("$SYS/info", "").value_or("")));
  EXPECT_EQ(info.backlog_bytes(), 0U) << "nothing is queued for it";
  const std::vector<std::string> payloads = Payloads(reader, 1, kMessages);
  ASSERT_EQ(payloads.size(), kMessages);
  for (uint64_t m = 0; m < kMessages; ++m) {
    ASSERT_EQ(payloads[m], base::StrCat("chat/1 ", m, " ", filling));
  }
  ASSERT_TRUE(publisher.Send(PublishFrame("chat/2", "live")));
  EXPECT_EQ(Payloads(reader, kMessages + 1, 1), std::vector<std::string>{"chat/2 live"});
}

TEST_P(StreamsOnSockets, WhoComesBackGoesOnWhereItWas) {
  StartWithBystanders(options_);
  NativePeer publisher = ConnectedPeer("publisher");
  NativePeer reader = ConnectedPeer("reader");
  const auto begin = Begin(reader, Subscribing(reader, "chat/#", START_NOW));
  ASSERT_TRUE(begin);
  const auto publish = [&publisher](std::string_view payload) {
    ClientFrame frame = PublishFrame("chat/1", payload, publisher.NextId());
    frame.mutable_publish()->set_message_id(std::string(payload));
    EXPECT_TRUE(publisher.Send(frame));
    const std::optional<ServerFrame> answer = publisher.Receive();
    EXPECT_TRUE(answer && answer->has_published());
    return answer ? answer->published().stored() : Stored();
  };
  EXPECT_EQ(publish("one").position(), 1U);
  EXPECT_EQ(Payloads(reader, 1, 1), std::vector<std::string>{"chat/1 one"});
  reader.Reset();
  EXPECT_EQ(publish("two").position(), 2U);
  EXPECT_TRUE(publish("two").repeated());

  NativePeer again = ConnectedPeer("reader");
  const auto resumed =
      Begin(again, Subscribing(again, "chat/#", START_AFTER_POSITION, 1, begin->epoch()));
  ASSERT_TRUE(resumed);
  EXPECT_TRUE(resumed->recovered());
  EXPECT_EQ(Payloads(again, 2, 1), std::vector<std::string>{"chat/1 two"});
  NativePeer other = ConnectedPeer("other");
  const auto elsewhere =
      Begin(other, Subscribing(other, "chat/#", START_AFTER_POSITION, 9, begin->epoch() + 1));
  ASSERT_TRUE(elsewhere);
  EXPECT_FALSE(elsewhere->recovered()) << "another epoch";
  EXPECT_EQ(Payloads(other, 1, 2).size(), 2U);
  EXPECT_FALSE(Begin(again, Subscribing(again, "chat/1", START_AFTER_POSITION, 9, begin->epoch())))
      << "a position that was never given";
  EXPECT_TRUE(again.Ping());
}

TEST_P(StreamsOnSockets, WhoComesBackAfterARestartIsToldThatItIsAnotherEpoch) {
  StartWithBystanders(options_);
  uint64_t epoch = 0;
  {
    NativePeer reader = ConnectedPeer("reader");
    const auto begin = Begin(reader, Subscribing(reader, "chat/#", START_NOW));
    ASSERT_TRUE(begin);
    epoch = begin->epoch();
    NativePeer publisher = ConnectedPeer("publisher");
    for (const std::string_view payload : {"one", "two", "three"}) {
      ASSERT_TRUE(publisher.Send(PublishFrame("chat/1", payload)));
    }
    ASSERT_EQ(Payloads(reader, 1, 3).size(), 3U);
  }
  TearDown();
  StartWithBystanders(options_);

  NativePeer reader = ConnectedPeer("reader");
  const auto empty = Begin(reader, Subscribing(reader, "chat/#", START_AFTER_POSITION, 3, epoch));
  ASSERT_TRUE(empty) << "a position of another epoch is no mistake";
  EXPECT_FALSE(empty->recovered()) << "though there is nothing yet";
  EXPECT_GT(empty->epoch(), epoch);
  EXPECT_EQ(empty->position(), 0U);
  NativePeer publisher = ConnectedPeer("publisher");
  for (const std::string_view payload : {"new", "newer"}) {
    ASSERT_TRUE(publisher.Send(PublishFrame("chat/1", payload)));
  }
  EXPECT_EQ(Payloads(reader, 1, 2), (std::vector<std::string>{"chat/1 new", "chat/1 newer"}));

  NativePeer late = ConnectedPeer("late");
  const auto begin = Begin(late, Subscribing(late, "chat/#", START_AFTER_POSITION, 3, epoch));
  ASSERT_TRUE(begin);
  EXPECT_FALSE(begin->recovered());
  EXPECT_EQ(begin->epoch(), empty->epoch());
  EXPECT_EQ(begin->position(), 0U);
  EXPECT_EQ(Payloads(late, 1, 2), (std::vector<std::string>{"chat/1 new", "chat/1 newer"}))
      << "what is there";
}

}  // namespace
}  // namespace esockets::tests
