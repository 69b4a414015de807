// Clients that stop reading, go on, and stop again, over real sockets: what is kept for them is
// bounded in the kernel and in the broker, what they lose they are told exactly, and nobody else
// notices.
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/strings.h"
#include "broker/delivery_rules.h"
#include "broker/errors.h"
#include "broker/gap.h"
#include "broker/limits.h"
#include "gtest/gtest.h"
#include "proto/admin.pb.h"
#include "proto/esockets.pb.h"
#include "server/limits.h"
#include "tests/support/broker_fixture.h"
#include "tests/support/native_peer.h"
#include "tests/support/numbered.h"

namespace esockets::tests {
namespace {

using broker::CloseCode;

class SlowReader : public BrokerFixture {
 protected:
  static constexpr uint32_t kBacklogMessages = 200;

  static app::BrokerOptions SmallBacklogs() {
    app::BrokerOptions options = DefaultOptions();
    options.settings.limits.backlog_messages_max = kBacklogMessages;
    return options;
  }

  // The reader's kernel takes little, so that the broker sees early that it has stopped.
  NativePeer Reader(std::string_view client_id) {
    return ConnectedPeer(client_id, {.receive_buffer_bytes = 16 * 1024});
  }

  // Each of the topics gets a message in turn; returns when all are in every outbox.
  static void PublishBatch(NativePeer& publisher, std::map<std::string, Numbered>& topics,
                           int messages, size_t payload_bytes) {
    std::string frames;
    for (int i = 0; i < messages; ++i) {
      for (auto& [filter, numbered] : topics) frames += numbered.Next(payload_bytes);
    }
    ASSERT_TRUE(publisher.SendRaw(frames));
    ASSERT_TRUE(publisher.Ping());
  }

  // Reads one frame that is a message or a gap of one of the topics.
  static void ReadOne(NativePeer& reader, std::map<std::string, Numbered>& topics) {
    const std::optional<ServerFrame> frame = reader.Receive();
    ASSERT_TRUE(frame.has_value());
    const std::string& name = frame->has_gap() ? frame->gap().filter() : frame->message().topic();
    const auto found = topics.find(name);
    ASSERT_NE(found, topics.end()) << frame->ShortDebugString();
    frame->has_gap() ? found->second.OnGap(frame->gap())
                     : found->second.OnMessage(frame->message());
  }

  // Publishes while the reader stands still, lets it read a little, and so on; then it reads on to
  // the end.
  void StopAndGo(NativePeer& publisher, NativePeer& reader,
                 std::map<std::string, Numbered>& topics) {
    constexpr int kStops = 12;
    for (int stop = 0; stop < kStops; ++stop) {
      const uint64_t dropped = broker().metrics().dropped_messages_total.value();
      while (broker().metrics().dropped_messages_total.value() < dropped + 300) {
        ASSERT_NO_FATAL_FAILURE(PublishBatch(publisher, topics, 50, 1500));
      }
      // From nearly nothing to all that waits.
      for (int i = 0; i < 1 << stop; ++i) {
        const bool all_read =
            std::ranges::all_of(topics, [](const auto& topic) { return topic.second.complete(); });
        if (all_read) break;
        ASSERT_NO_FATAL_FAILURE(ReadOne(reader, topics));
      }
    }
    for (auto& [name, numbered] : topics) {
      while (!numbered.complete()) ASSERT_NO_FATAL_FAILURE(ReadOne(reader, topics));
    }
  }
};

// Subscribes with the contract.
void SubscribeWith(NativePeer& reader, std::string_view filter, Overflow overflow,
                   uint32_t messages_max) {
  ClientFrame subscribe = SubscribeFrame(reader.NextId(), filter);
  subscribe.mutable_subscribe()->set_overflow(overflow);
  subscribe.mutable_subscribe()->set_max_backlog_messages(messages_max);
  ASSERT_TRUE(reader.Send(subscribe));
  ASSERT_TRUE(reader.Receive()->has_subscribed());
}

TEST_F(SlowReader, WhatIsKeptForAStoppedReaderIsBounded) {
  app::BrokerOptions options = DefaultOptions();
  broker::Limits& limits = options.settings.limits;
  limits.backlog_bytes_max = 1 << 20;
  StartWithBystanders(options);
  NativePeer administrator = ConnectedPeer();
  NativePeer publisher = ConnectedPeer();
  NativePeer stopped = ConnectedPeer("stopped");
  ASSERT_TRUE(stopped.Subscribe("t"));
  std::map<std::string, Numbered> topics = {{"t", Numbered("t")}};
  const broker::Metrics& metrics = broker().metrics();
  admin::Client shown;
  while (shown.dropped_messages_total() < 1000) {
    ASSERT_NO_FATAL_FAILURE(PublishBatch(publisher, topics, 20, 3000));
    shown = Look(administrator, "stopped");
    EXPECT_LE(shown.kernel_unsent_bytes(), server::kKernelUnsentBytesMax);
    EXPECT_LE(shown.send_queue_bytes(), limits.high_watermark_bytes);
    EXPECT_LE(shown.backlog_bytes(), limits.backlog_bytes_max);
  }
  EXPECT_GT(shown.kernel_unsent_bytes(), 0);
  EXPECT_GT(shown.send_queue_bytes(), limits.high_watermark_bytes / 2);
  EXPECT_GT(shown.backlog_bytes(), limits.backlog_bytes_max / 2);
  EXPECT_GT(shown.backlog_messages(), 0);
  EXPECT_EQ(shown.dropped_messages_total(), metrics.dropped_messages_total.value());
  EXPECT_EQ(shown.messages_out_total() + shown.backlog_messages() + shown.dropped_messages_total(),
            topics.at("t").published());
}

// Of the two contracts that drop.
class SlowReaderWhoLoses : public SlowReader, public testing::WithParamInterface<Overflow> {};

TEST_P(SlowReaderWhoLoses, IsToldExactlyWhatItLost) {
  StartWithBystanders(SmallBacklogs());
  NativePeer publisher = ConnectedPeer();
  NativePeer reader = Reader("reader");
  ASSERT_NO_FATAL_FAILURE(SubscribeWith(reader, "t", GetParam(), kBacklogMessages));
  std::map<std::string, Numbered> topics = {{"t", Numbered("t")}};
  ASSERT_NO_FATAL_FAILURE(StopAndGo(publisher, reader, topics));
  const Numbered& all = topics.at("t");
  EXPECT_EQ(all.published(), all.delivered() + all.reported());
  EXPECT_EQ(all.reported(), broker().metrics().dropped_messages_total.value());
  EXPECT_GT(all.gaps(), 1);
  // It has caught up: what comes now comes at once, and whole.
  ASSERT_NO_FATAL_FAILURE(PublishBatch(publisher, topics, 1, 10));
  ASSERT_NO_FATAL_FAILURE(ReadOne(reader, topics));
  EXPECT_TRUE(reader.Ping());
}

INSTANTIATE_TEST_SUITE_P(Contracts, SlowReaderWhoLoses,
                         testing::Values(OVERFLOW_DROP_OLDEST, OVERFLOW_DROP_NEWEST));

TEST_F(SlowReader, IsToldForEachOfItsSubscriptions) {
  StartWithBystanders(SmallBacklogs());
  NativePeer publisher = ConnectedPeer();
  NativePeer reader = Reader("reader");
  std::map<std::string, Numbered> topics = {{"a", Numbered("a")}, {"b", Numbered("b")}};
  // The backlog of one is a tenth of the other's.
  ASSERT_NO_FATAL_FAILURE(SubscribeWith(reader, "a", OVERFLOW_DEFAULT, kBacklogMessages / 10));
  ASSERT_TRUE(reader.Subscribe("b"));
  ASSERT_NO_FATAL_FAILURE(StopAndGo(publisher, reader, topics));
  for (const auto& [name, numbered] : topics) {
    EXPECT_EQ(numbered.published(), numbered.delivered() + numbered.reported()) << name;
    EXPECT_GT(numbered.gaps(), 1) << name;
  }
  EXPECT_GT(topics.at("a").reported(), topics.at("b").reported());
  EXPECT_EQ(topics.at("a").reported() + topics.at("b").reported(),
            broker().metrics().dropped_messages_total.value());
}

// A kernel that takes much at once: a message above the high watermark, out of the backlog, goes
// out within the delivery of the next one.
TEST_F(SlowReader, LargeMessagesOutOfTheBacklog) {
  app::BrokerOptions options = DefaultOptions();
  options.server.tuning.not_sent_low_at_bytes = 1 << 30;
  StartWithBystanders(options);
  NativePeer publisher = ConnectedPeer();
  NativePeer reader = ConnectedPeer("reader");
  ASSERT_TRUE(reader.Subscribe("t"));
  std::map<std::string, Numbered> topics = {{"t", Numbered("t")}};
  for (const size_t bytes : {300'000, 100'000, 400'000}) {
    const uint64_t dropped = broker().metrics().dropped_messages_total.value();
    while (broker().metrics().dropped_messages_total.value() == dropped) {
      ASSERT_NO_FATAL_FAILURE(PublishBatch(publisher, topics, 5, bytes));
    }
    while (!topics.at("t").complete()) ASSERT_NO_FATAL_FAILURE(ReadOne(reader, topics));
  }
  EXPECT_TRUE(reader.Ping());
}

TEST_F(SlowReader, WithTheContractDisconnectIsClosed) {
  app::BrokerOptions options = DefaultOptions();
  options.server.close_linger = kPatience;
  StartWithBystanders(options);
  NativePeer publisher = ConnectedPeer();
  NativePeer reader = Reader("reader");
  ASSERT_NO_FATAL_FAILURE(SubscribeWith(reader, "t", OVERFLOW_DISCONNECT, 100));
  std::map<std::string, Numbered> topics = {{"t", Numbered("t")}};
  while (Count(CloseCode::kSlowConsumer) == 0) {
    ASSERT_NO_FATAL_FAILURE(PublishBatch(publisher, topics, 20, 1500));
  }
  // What was on the wire already, whole and in order, and then why.
  std::optional<ServerFrame> frame = reader.Receive();
  for (; frame && frame->has_message(); frame = reader.Receive()) {
    topics.at("t").OnMessage(frame->message());
  }
  ASSERT_TRUE(frame && frame->has_close());
  EXPECT_EQ(frame->close().code(), static_cast<uint32_t>(CloseCode::kSlowConsumer));
  EXPECT_EQ(frame->close().text(), broker::Info(CloseCode::kSlowConsumer).text);
  EXPECT_TRUE(frame->close().retryable());
  const std::string& detail = frame->close().detail();
  EXPECT_NE(detail.find("filter t: 100 messages of "), std::string::npos) << detail;
  EXPECT_NE(detail.find("limits 100 messages"), std::string::npos) << detail;
  EXPECT_TRUE(reader.ReceiveEnd());
  EXPECT_GT(topics.at("t").delivered(), 0);
  EXPECT_EQ(Count(CloseCode::kSlowConsumer), 1);
}

// What is dropped first tells the two contracts apart: the message behind those that waited, not
// the oldest of them.
TEST_F(SlowReader, UnderDropNewestNothingThatWaitsIsLost) {
  StartWithBystanders(SmallBacklogs());
  NativePeer publisher = ConnectedPeer();
  NativePeer reader = Reader("reader");
  ASSERT_NO_FATAL_FAILURE(SubscribeWith(reader, "t", OVERFLOW_DROP_NEWEST, kBacklogMessages));
  std::map<std::string, Numbered> topics = {{"t", Numbered("t")}};
  Numbered& all = topics.at("t");
  while (broker().metrics().dropped_messages_total.value() < 100) {
    ASSERT_NO_FATAL_FAILURE(PublishBatch(publisher, topics, 50, 1500));
  }
  const uint64_t dropped = broker().metrics().dropped_messages_total.value();
  while (all.gaps() == 0) ASSERT_NO_FATAL_FAILURE(ReadOne(reader, topics));
  EXPECT_EQ(all.delivered(), all.published() - dropped) << "all that waited came before the Gap";
  EXPECT_EQ(all.reported(), dropped);
}

TEST_F(SlowReader, WithTheContractConflateGetsTheLatestOfEachTopicAndKey) {
  StartWithBystanders(DefaultOptions());
  NativePeer publisher = ConnectedPeer();
  NativePeer reader = Reader("reader");
  ASSERT_NO_FATAL_FAILURE(SubscribeWith(reader, "price/#", OVERFLOW_CONFLATE, 0));
  constexpr uint64_t kKeys = 10;
  uint64_t published = 0;
  const broker::Metrics& metrics = broker().metrics();
  while (metrics.of(broker::GapReason::kConflated).value() < 1000) {
    for (uint64_t i = 0; i < 100; ++i, ++published) {
      ClientFrame frame = PublishFrame(base::StrCat("price/", published % 2),
                                       std::to_string(published) + std::string(1500, ' '), 0);
      frame.mutable_publish()->set_key(std::to_string(published % kKeys));
      ASSERT_TRUE(publisher.Send(frame));
    }
    ASSERT_TRUE(publisher.Ping());
  }
  std::map<std::string, uint64_t> latest;
  uint64_t delivered = 0;
  std::optional<ServerFrame> frame = reader.Receive();
  for (; frame && frame->has_message(); frame = reader.Receive(), ++delivered) {
    uint64_t& newest = latest[frame->message().topic() + "=" + frame->message().key()];
    const uint64_t number = std::stoull(frame->message().payload());
    EXPECT_LE(newest, number) << "in order within a topic and key";
    newest = number;
  }
  ASSERT_TRUE(frame && frame->has_gap()) << "when it has caught up";
  EXPECT_EQ(frame->gap().filter(), "price/#");
  EXPECT_EQ(frame->gap().reason(), Gap::CONFLATED);
  EXPECT_EQ(frame->gap().conflated(), frame->gap().messages());
  EXPECT_EQ(delivered + frame->gap().messages(), published);
  ASSERT_EQ(latest.size(), kKeys);
  for (const auto& [slot, number] : latest) EXPECT_GE(number, published - kKeys) << slot;
  EXPECT_TRUE(reader.Ping()) << "one Gap, and nothing behind it";
}

TEST_F(SlowReader, AKeyThatIsNewEveryTimeIsBounded) {
  StartWithBystanders(DefaultOptions());
  NativePeer publisher = ConnectedPeer();
  NativePeer administrator = ConnectedPeer();
  NativePeer reader = Reader("reader");
  ASSERT_NO_FATAL_FAILURE(SubscribeWith(reader, "t", OVERFLOW_CONFLATE, 50));
  uint64_t published = 0;
  while (broker().metrics().of(broker::GapReason::kBacklogFull).value() < 500) {
    for (int i = 0; i < 100; ++i, ++published) {
      ClientFrame frame = PublishFrame("t", std::string(1500, ' '), 0);
      frame.mutable_publish()->set_key(std::to_string(published));
      ASSERT_TRUE(publisher.Send(frame));
    }
    ASSERT_TRUE(publisher.Ping());
    EXPECT_LE(Look(administrator, "reader").backlog_messages(), 50U);
  }
  uint64_t delivered = 0;
  std::optional<ServerFrame> frame = reader.Receive();
  for (; frame && frame->has_message(); frame = reader.Receive()) ++delivered;
  ASSERT_TRUE(frame && frame->has_gap());
  EXPECT_EQ(frame->gap().reason(), Gap::BACKLOG_FULL);
  EXPECT_EQ(delivered + frame->gap().messages(), published);
}

// The message waits in the backlog while the clock goes on: its ttl is the shortest that there is,
// and the reader reads on only when it was dropped to make room or is to be sent.
TEST_F(SlowReader, AMessagePastItsTimeIsNotDelivered) {
  StartWithBystanders(DefaultOptions());
  NativePeer publisher = ConnectedPeer();
  NativePeer administrator = ConnectedPeer();
  NativePeer reader = Reader("reader");
  ASSERT_TRUE(reader.Subscribe("t"));
  uint64_t published = 0;
  while (Look(administrator, "reader").backlog_messages() == 0) {
    for (int i = 0; i < 20; ++i, ++published) {
      ASSERT_TRUE(publisher.Send(PublishFrame("t", std::string(1500, ' '), 0)));
    }
    ASSERT_TRUE(publisher.Ping());
  }
  constexpr uint64_t kShort = 7;
  for (uint64_t i = 0; i < kShort; ++i, ++published) {
    ClientFrame frame = PublishFrame("t", "short", 0);
    frame.mutable_publish()->set_ttl_ms(1);
    ASSERT_TRUE(publisher.Send(frame));
  }
  ASSERT_TRUE(publisher.Ping());
  // Until the broker's clock has gone on by more than that.
  const base::TimePoint sent = base::SystemClock().Now();
  while (base::SystemClock().Now() - sent < std::chrono::milliseconds(3)) {
    ASSERT_TRUE(publisher.Ping());
  }
  uint64_t delivered = 0;
  std::optional<ServerFrame> frame = reader.Receive();
  for (; frame && frame->has_message(); frame = reader.Receive()) {
    EXPECT_NE(frame->message().payload(), "short");
    ++delivered;
  }
  ASSERT_TRUE(frame && frame->has_gap());
  EXPECT_EQ(frame->gap().reason(), Gap::EXPIRED);
  EXPECT_EQ(frame->gap().expired(), kShort);
  EXPECT_EQ(delivered + frame->gap().messages(), published);
}

TEST_F(SlowReader, WhatTheOperatorDoesNotAllowIsRefusedAndWhatHeLowersIsLowered) {
  app::BrokerOptions options = DefaultOptions();
  broker::DeliveryRule rule{.filter = "chat/#", .otherwise = {}, .max = {.messages = 30}};
  rule.allow = broker::OverflowSet();
  rule.allow.Add(broker::Overflow::kDropNewest);
  options.settings.delivery.rules.push_back(rule);
  StartWithBystanders(options);
  NativePeer publisher = ConnectedPeer();
  NativePeer administrator = ConnectedPeer();
  NativePeer reader = Reader("reader");
  ClientFrame refused = SubscribeFrame(reader.NextId(), "chat/+");
  refused.mutable_subscribe()->set_overflow(OVERFLOW_CONFLATE);
  ASSERT_TRUE(reader.Send(refused));
  const std::optional<ServerFrame> answer = reader.Receive();
  ASSERT_TRUE(answer && answer->has_error());
  EXPECT_EQ(answer->error().code(), static_cast<uint32_t>(broker::ErrorCode::kOverflowNotAllowed));
  EXPECT_EQ(answer->error().detail(), "CONFLATE; allowed by the rules for chat/#: DROP_NEWEST");
  ASSERT_NO_FATAL_FAILURE(SubscribeWith(reader, "chat/+", OVERFLOW_DEFAULT, 1'000'000));
  while (broker().metrics().dropped_messages_total.value() < 100) {
    for (int i = 0; i < 50; ++i) {
      ASSERT_TRUE(publisher.Send(PublishFrame("chat/a", std::string(1500, ' '), 0)));
    }
    ASSERT_TRUE(publisher.Ping());
    EXPECT_LE(Look(administrator, "reader").backlog_messages(), 30U);
  }
}

// Of the same topic, through the same router and with the same small backlog.
TEST_F(SlowReader, DisturbsNoOtherSubscriber) {
  StartWithBystanders(SmallBacklogs());
  NativePeer publisher = ConnectedPeer();
  NativePeer stopped = Reader("stopped");
  NativePeer quick = ConnectedPeer("quick");
  ASSERT_TRUE(stopped.Subscribe("t"));
  ASSERT_TRUE(quick.Subscribe("t"));
  std::map<std::string, Numbered> topics = {{"t", Numbered("t")}};
  while (broker().metrics().dropped_messages_total.value() < 2000) {
    ASSERT_NO_FATAL_FAILURE(PublishBatch(publisher, topics, 50, 1500));
    while (!topics.at("t").complete()) ASSERT_NO_FATAL_FAILURE(ReadOne(quick, topics));
  }
  EXPECT_EQ(topics.at("t").gaps(), 0);
}

}  // namespace
}  // namespace esockets::tests
