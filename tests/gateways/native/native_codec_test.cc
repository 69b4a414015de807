#include "gateways/native/native_codec.h"

#include <string>
#include <string_view>
#include <vector>

#include "broker/errors.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "proto/frame_delimiter.h"
#include "tests/support/native_peer.h"
#include "tests/support/sim_client.h"

namespace esockets::native {
namespace {

using broker::CloseCode;
using tests::ConnectFrame;
using tests::Framed;
using tests::PingFrame;
using tests::PublishFrame;
using tests::SimBroker;
using tests::SimClient;
using tests::SubscribeFrame;

TEST(NativeCodec, AFirstPacketMayHoldEverything) {
  SimBroker broker;
  broker.executor.AssertOnLoop();
  NativeCodec codec;
  const std::string packet = Framed(ConnectFrame("me")) + Framed(SubscribeFrame(1, "a")) +
                             Framed(PublishFrame("a", "1", 2)) + Framed(PingFrame(3));
  // However it is chopped: what is unfinished comes again.
  for (const size_t step : {packet.size(), size_t{1}, size_t{7}}) {
    SimClient client(&broker);
    std::string waiting;
    for (size_t i = 0; i < packet.size(); i += step) {
      waiting += packet.substr(i, step);
      waiting.erase(0, codec.Decode(waiting, &client.session()));
    }
    EXPECT_EQ(waiting, "");
    broker.Turn();
    EXPECT_EQ(client.Lines(), (std::vector<std::string>{"connected me", "subscribed 1", "a=1",
                                                        "published 2", "pong 3"}));
  }
}

TEST(NativeCodec, WhatIsRefused) {
  broker::Settings settings;
  settings.limits.first_packet_bytes_max = 100;
  settings.limits.frame_bytes_max = 200;
  const std::string connect = Framed(ConnectFrame("me"));
  const struct {
    std::string_view what;
    std::string bytes;
    CloseCode code;
  } cases[] = {
      {"another protocol", "GET / HTTP/1.1\r\n", CloseCode::kUnknownProtocol},
      {"a first frame over its limit", "\x80\x7f", CloseCode::kFirstPacketTooLarge},
      {"a frame over the limit", connect + "\xc9\x01", CloseCode::kFrameTooLarge},
      {"2^31", connect + "\x80\x80\x80\x80\x08", CloseCode::kFrameTooLarge},
      {"an empty frame", connect + std::string(1, '\0'), CloseCode::kProtocolError},
      {"no frame at all", connect + "\x02\xff\xff", CloseCode::kProtocolError},
  };
  for (const auto& c : cases) {
    SimBroker broker(settings);
    broker.executor.AssertOnLoop();
    NativeCodec codec;
    SimClient client(&broker);
    // Nothing of it is wanted again.
    EXPECT_EQ(codec.Decode(c.bytes, &client.session()), c.bytes.size()) << c.what;
    ASSERT_TRUE(client.sink.closed()) << c.what;
    EXPECT_EQ(client.sink.closed()->code, c.code) << c.what;
  }
}

TEST(NativeCodec, StopsWhereReadingIsPaused) {
  SimBroker broker;
  broker.executor.AssertOnLoop();
  NativeCodec codec;
  SimClient client(&broker, "me");
  client.sink.set_reading_paused(true);
  const std::string ping = Framed(PingFrame(1));
  EXPECT_EQ(codec.Decode(ping, &client.session()), 0U);
  client.sink.set_reading_paused(false);
  EXPECT_EQ(codec.Decode(ping, &client.session()), ping.size());
}

ServerFrame Parsed(std::string_view bytes) {
  ServerFrame frame;
  std::string_view body;
  size_t consumed = 0;
  size_t needed = 0;
  EXPECT_EQ(proto::CutFrame(bytes, 100'000, &body, &consumed, &needed), proto::CutResult::kFrame);
  EXPECT_EQ(consumed, bytes.size());
  EXPECT_TRUE(frame.ParseFromArray(body.data(), static_cast<int>(body.size())));
  return frame;
}

TEST(NativeCodec, AnswersSayTheirId) {
  NativeCodec codec;
  for (const uint64_t id : {uint64_t{1}, uint64_t{300}, ~uint64_t{0}}) {
    std::string out[4];
    codec.AppendAnswer(broker::Answer::kSubscribed, id, &out[0]);
    codec.AppendAnswer(broker::Answer::kUnsubscribed, id, &out[1]);
    codec.AppendAnswer(broker::Answer::kPublished, id, &out[2]);
    codec.AppendAnswer(broker::Answer::kPong, id, &out[3]);
    EXPECT_EQ(Parsed(out[0]).subscribed().id(), id);
    EXPECT_EQ(Parsed(out[1]).unsubscribed().id(), id);
    EXPECT_EQ(Parsed(out[2]).published().id(), id);
    EXPECT_EQ(Parsed(out[3]).pong().id(), id);
  }
}

TEST(NativeCodec, ACloseSaysWhatTheTableSays) {
  NativeCodec codec;
  for (const broker::CloseInfo& info : broker::AllCloses()) {
    std::string out;
    codec.AppendClose({.code = info.code, .detail = "why", .retry_after_ms = 7}, &out);
    const esockets::Close close = Parsed(out).close();
    EXPECT_EQ(close.code(), static_cast<uint32_t>(info.code));
    EXPECT_EQ(close.text(), info.text);
    EXPECT_EQ(close.detail(), "why");
    EXPECT_EQ(close.retryable(), info.retryable);
    EXPECT_EQ(close.retry_after_ms(), 7U);
    EXPECT_EQ(close.advice(), info.advice);
  }
  // What is no text is not quoted.
  std::string out;
  codec.AppendClose({.code = CloseCode::kProtocolError, .detail = "\xff"}, &out);
  EXPECT_EQ(Parsed(out).close().detail(), "");
}

}  // namespace
}  // namespace esockets::native
