#include "bench/load/protocols.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "bench/load/protocol.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "proto/server_frame_encoder.h"

namespace esockets::load {
namespace {

using std::string_literals::operator""s;

constexpr std::string_view kPayload = "0123456789abcdef\r\n";

struct Case {
  const char* name;
  const Protocol* protocol;
  // What a broker sends: answers to Connect (if any), Subscribe and Unsubscribe, one message.
  std::string connected;
  std::string subscribed;
  std::string unsubscribed;
  std::string message;
  std::string refused;
  // What the plug-in writes to publish kPayload to "a/b".
  std::string publish;
};

std::string Native(const ServerFrame& frame) {
  std::string bytes;
  proto::AppendFrame(frame, &bytes);
  return bytes;
}

Case NativeCase() {
  Case c{.name = "native", .protocol = &kNativeProtocol};
  ServerFrame frame;
  frame.mutable_connected()->set_protocol_version(1);
  c.connected = Native(frame);
  frame.mutable_subscribed()->set_id(100'000);
  c.subscribed = Native(frame);
  frame.mutable_unsubscribed()->set_id(100'001);
  c.unsubscribed = Native(frame);
  frame.mutable_message()->set_topic("a/b");
  frame.mutable_message()->set_payload(std::string(kPayload));
  c.message = Native(frame);
  frame.mutable_error()->set_code(1);
  c.refused = Native(frame);
  c.publish = "\x1b\x22\x19\x0a\x03"s + "a/b\x12\x12" + std::string(kPayload);
  return c;
}

std::vector<Case> Cases() {
  std::vector<Case> cases;
  cases.push_back(NativeCase());
  const std::string payload(kPayload);
  cases.push_back({.name = "nats",
                   .protocol = &kNatsProtocol,
                   .connected = "INFO {\"server_id\":\"x\"}\r\n",
                   .subscribed = "PONG\r\n",
                   .unsubscribed = {},
                   .message = "MSG a.b 100000 18\r\n" + payload + "\r\n",
                   .refused = "-ERR 'Unknown Protocol Operation'\r\n",
                   .publish = "PUB a.b 18\r\n" + payload + "\r\n"});
  cases.push_back(
      {.name = "redis",
       .protocol = &kRedisProtocol,
       .connected = {},
       .subscribed = "*3\r\n$9\r\nsubscribe\r\n$3\r\na/b\r\n:1\r\n",
       .unsubscribed = "*3\r\n$11\r\nunsubscribe\r\n$3\r\na/b\r\n:0\r\n",
       .message = "*4\r\n$8\r\npmessage\r\n$3\r\na/*\r\n$3\r\na/b\r\n$18\r\n" + payload + "\r\n",
       .refused = "-ERR unknown command\r\n",
       .publish = "*3\r\n$7\r\nPUBLISH\r\n$3\r\na/b\r\n$18\r\n" + payload + "\r\n"});
  cases.push_back({.name = "mqtt",
                   .protocol = &kMqttProtocol,
                   .connected = "\x20\x02\x00\x00"s,
                   .subscribed = "\x90\x03\x00\x01\x00"s,
                   .unsubscribed = "\xB0\x02\x00\x01"s,
                   .message = "\x30\x17\x00\x03"s + "a/b" + payload,
                   .refused = "\x90\x03\x00\x01\x80"s,
                   .publish = "\x30\x17\x00\x03"s + "a/b" + payload});
  return cases;
}

// The kind of `bytes`, which are incomplete until the last byte has come.
FrameKind KindOf(const Protocol& protocol, std::string_view bytes) {
  for (size_t size = 1; size < bytes.size(); ++size) {
    EXPECT_EQ(protocol.cut(bytes.substr(0, size)).kind, FrameKind::kIncomplete) << size;
  }
  const std::string followed = base::StrCat(bytes, "*$+MP");
  const Frame frame = protocol.cut(followed);
  EXPECT_EQ(frame.bytes, bytes.size());
  return frame.kind;
}

TEST(ProtocolsTest, Answers) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(c.protocol->answers_connect, !c.connected.empty());
    if (!c.connected.empty()) {
      EXPECT_EQ(KindOf(*c.protocol, c.connected), FrameKind::kConnected);
    }
    EXPECT_EQ(KindOf(*c.protocol, c.subscribed), FrameKind::kSubscribed);
    if (!c.unsubscribed.empty()) {
      EXPECT_EQ(KindOf(*c.protocol, c.unsubscribed), FrameKind::kUnsubscribed);
    }
    EXPECT_EQ(KindOf(*c.protocol, c.refused), FrameKind::kBroken);
  }
}

TEST(ProtocolsTest, Messages) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(KindOf(*c.protocol, c.message), FrameKind::kMessage);
    const Frame frame = c.protocol->cut(c.message);
    EXPECT_EQ(std::string_view(c.message).substr(frame.payload_at, kPayload.size()), kPayload);
  }
}

TEST(ProtocolsTest, OnlyOursHasPositionsAndWhatIsStored) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(c.protocol->cut(c.message).position, 0U);
    EXPECT_EQ(c.protocol->append_subscribe_from_first != nullptr, c.protocol == &kNativeProtocol);
  }
  ServerFrame frame;
  frame.mutable_message()->set_topic("a/b");
  frame.mutable_message()->set_position(300);
  EXPECT_EQ(kNativeProtocol.cut(Native(frame)).position, 300U);
  std::string out;
  kNativeProtocol.append_subscribe_from_first(7, "a/b", &out);
  ClientFrame request;
  ASSERT_TRUE(request.ParseFromString(out.substr(1)));
  EXPECT_EQ(request.subscribe().filter(), "a/b");
  EXPECT_EQ(request.subscribe().start(), START_AT_TIME);
}

TEST(ProtocolsTest, Publishes) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(c.name);
    std::string out = "before";
    const size_t payload_at = c.protocol->append_publish("a/b", kPayload, &out);
    EXPECT_EQ(out, "before" + c.publish);
    EXPECT_EQ(out.substr(payload_at, kPayload.size()), kPayload);
  }
}

TEST(ProtocolsTest, Requests) {
  std::string out;
  kNatsProtocol.append_subscribe(7, "a/+", &out);
  kNatsProtocol.append_unsubscribe(8, 7, "a/+", &out);
  EXPECT_EQ(out, "SUB a.* 7\r\nPING\r\nUNSUB 7\r\nPING\r\n");
  out.clear();
  kRedisProtocol.append_subscribe(7, "a/b", &out);
  kRedisProtocol.append_unsubscribe(8, 7, "a/+", &out);
  EXPECT_EQ(out,
            "*2\r\n$9\r\nSUBSCRIBE\r\n$3\r\na/b\r\n*2\r\n$12\r\nPUNSUBSCRIBE\r\n$3\r\na/*\r\n");
  out.clear();
  kMqttProtocol.append_connect("me", &out);
  kMqttProtocol.append_subscribe(0, "a/+", &out);
  kMqttProtocol.append_unsubscribe(1, 0, "a/+", &out);
  EXPECT_EQ(out, "\x10\x0E\x00\x04MQTT\x04\x02\x00\x00\x00\x02me"s + "\x82\x08\x00\x01\x00\x03"s +
                     "a/+\x00"s + "\xA2\x07\x00\x02\x00\x03"s + "a/+");
}

}  // namespace
}  // namespace esockets::load
