#include "clients/cpp/frames.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "proto/client_frame_decoder.h"
#include "proto/esockets.pb.h"
#include "proto/frame_delimiter.h"

namespace esockets::client {
namespace {

// Reads the one frame of `bytes` with protobuf; the broker's own decoder must take it too.
ClientFrame Parse(std::string_view bytes) {
  std::string_view body;
  size_t consumed = 0;
  size_t needed = 0;
  EXPECT_EQ(proto::CutFrame(bytes, 1 << 20, &body, &consumed, &needed), proto::CutResult::kFrame);
  EXPECT_EQ(consumed, bytes.size());
  proto::ClientFrameView view;
  EXPECT_EQ(proto::DecodeClientFrame(body, &view), proto::DecodeError::kOk);
  ClientFrame frame;
  EXPECT_TRUE(frame.ParseFromArray(body.data(), static_cast<int>(body.size())));
  return frame;
}

TEST(Frames, PublishWithEveryCombinationOfFields) {
  for (int bits = 0; bits < 256; ++bits) {
    PublishOptions options;
    if ((bits & 1) != 0) options.headers = {{"a", "1"}, {"", ""}, {"a", std::string(200, 'v')}};
    if ((bits & 2) != 0) options.reply_to = "answers";
    if ((bits & 4) != 0) options.key = std::string("\0k", 2);
    if ((bits & 8) != 0) options.ttl_ms = 70'000;
    if ((bits & 128) != 0) options.message_id = std::string("\0id", 3);
    AnswerWanted wanted;
    if ((bits & 16) != 0) wanted.id = ~uint64_t{0};
    if ((bits & 64) != 0) wanted.confirm_ms = ~uint32_t{0};
    const std::string payload((bits & 32) != 0 ? 20'000 : 0, '\xff');
    std::string bytes;
    AppendPublish("room/1", payload, options, wanted, &bytes);
    EXPECT_LE(bytes.size(), PublishFrameBytesMax("room/1", payload, options));
    const ClientFrame frame = Parse(bytes);
    const Publish& publish = frame.publish();
    EXPECT_EQ(publish.topic(), "room/1");
    EXPECT_EQ(publish.payload(), payload);
    EXPECT_EQ(publish.reply_to(), options.reply_to);
    EXPECT_EQ(publish.key(), options.key);
    EXPECT_EQ(publish.ttl_ms(), options.ttl_ms);
    EXPECT_EQ(publish.message_id(), options.message_id);
    EXPECT_EQ(publish.id(), wanted.id);
    EXPECT_EQ(publish.confirm_ms(), wanted.confirm_ms);
    ASSERT_EQ(static_cast<size_t>(publish.headers_size()), options.headers.size());
    for (size_t i = 0; i < options.headers.size(); ++i) {
      EXPECT_EQ(publish.headers(static_cast<int>(i)).name(), options.headers[i].first);
      EXPECT_EQ(publish.headers(static_cast<int>(i)).value(), options.headers[i].second);
    }
  }
}

TEST(Frames, TheOthers) {
  std::string bytes;
  AppendConnect({.client_id = "me",
                 .token = "another",
                 .user = "u",
                 .password = "p",
                 .name = "n",
                 .metadata = {{"a", "b"}},
                 .will = LastWill{.topic = "state/me",
                                  .payload = "gone",
                                  .options = {.headers = {{"h", "v"}}, .key = "k", .ttl_ms = 4},
                                  .delay = std::chrono::milliseconds(5)},
                 .keep_alive = std::chrono::seconds(3)},
                "t", "ticket", &bytes);
  ClientFrame frame = Parse(bytes);
  const esockets::Connect& connect = frame.connect();
  EXPECT_EQ(connect.protocol_version(), 1u);
  EXPECT_EQ(
      connect.client_id() + connect.token() + connect.user() + connect.password() + connect.name(),
      "metupn");
  EXPECT_EQ(connect.metadata().at("a"), "b");
  EXPECT_EQ(connect.will().delay_ms(), 5u);
  const esockets::Publish& will = connect.will().message();
  EXPECT_EQ(will.topic() + will.payload() + will.key(), "state/megonek");
  EXPECT_EQ(will.headers(0).name() + will.headers(0).value(), "hv");
  EXPECT_EQ(will.ttl_ms(), 4u);
  EXPECT_EQ(connect.keep_alive_ms(), 3000u);
  EXPECT_EQ(connect.resume(), "ticket");

  bytes.clear();
  AppendSubscribe(
      "a/#", {.overflow = Overflow::kDisconnect, .max_backlog_messages = 5, .max_backlog_bytes = 6},
      7, &bytes);
  frame = Parse(bytes);
  EXPECT_EQ(frame.subscribe().filter(), "a/#");
  EXPECT_EQ(frame.subscribe().overflow(), OVERFLOW_DISCONNECT);
  EXPECT_EQ(frame.subscribe().max_backlog_messages(), 5u);
  EXPECT_EQ(frame.subscribe().max_backlog_bytes(), 6u);
  EXPECT_EQ(frame.subscribe().id(), 7u);

  bytes.clear();
  AppendSubscribe("a/#", {.overflow = Overflow::kReplay, .start = Start::AfterPosition(5, 6)}, 7,
                  &bytes);
  frame = Parse(bytes);
  EXPECT_EQ(frame.subscribe().overflow(), OVERFLOW_REPLAY);
  EXPECT_EQ(frame.subscribe().start(), START_AFTER_POSITION);
  EXPECT_EQ(frame.subscribe().start_at(), 5u);
  EXPECT_EQ(frame.subscribe().start_epoch(), 6u);

  bytes.clear();
  AppendUnsubscribe({"a/#"}, 8, &bytes);
  EXPECT_EQ(Parse(bytes).unsubscribe().id(), 8u);
  bytes.clear();
  AppendPing(9, &bytes);
  EXPECT_EQ(Parse(bytes).ping().id(), 9u);
  bytes.clear();
  AppendDisconnect("enough", &bytes);
  EXPECT_EQ(Parse(bytes).disconnect().reason(), "enough");
}

TEST(Frames, Groups) {
  static constexpr struct {
    GroupStrategy strategy;
    esockets::GroupStrategy expected;
  } kCases[] = {{GroupStrategy::kUnspecified, GROUP_STRATEGY_UNSPECIFIED},
                {GroupStrategy::kRoundRobin, GROUP_STRATEGY_ROUND_ROBIN},
                {GroupStrategy::kHash, GROUP_STRATEGY_HASH},
                {GroupStrategy::kFirst, GROUP_STRATEGY_FIRST}};
  for (const auto& test : kCases) {
    std::string bytes;
    AppendSubscribe("a/#", {.group = "workers", .group_strategy = test.strategy}, 7, &bytes);
    const ClientFrame frame = Parse(bytes);
    EXPECT_EQ(frame.subscribe().group(), "workers");
    EXPECT_EQ(frame.subscribe().group_strategy(), test.expected);
  }
  std::string bytes;
  AppendUnsubscribe({"a/#", "workers"}, 8, &bytes);
  const ClientFrame frame = Parse(bytes);
  EXPECT_EQ(frame.unsubscribe().filter(), "a/#");
  EXPECT_EQ(frame.unsubscribe().group(), "workers");
}

}  // namespace
}  // namespace esockets::client
