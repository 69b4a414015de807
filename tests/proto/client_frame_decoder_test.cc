#include "proto/client_frame_decoder.h"

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "gtest/gtest.h"
#include "proto/decode_error.h"
#include "proto/esockets.pb.h"
#include "proto/pair_range.h"
#include "tests/support/allocations.h"

namespace esockets::proto {
namespace {

using namespace std::string_view_literals;

// `body` must outlive the result.
template <typename View>
View Decode(std::string_view body) {
  ClientFrameView view;
  EXPECT_EQ(DecodeErrorName(DecodeClientFrame(body, &view)), "OK");
  EXPECT_TRUE(std::holds_alternative<View>(view.command));
  return std::holds_alternative<View>(view.command) ? std::get<View>(view.command) : View{};
}

std::string Joined(const PublishView& view) {
  std::string all;
  for (const std::string_view piece : view.forwarded()) all += piece;
  return all;
}

TEST(ClientFrameDecoder, Connect) {
  ClientFrame frame;
  Connect& connect = *frame.mutable_connect();
  connect.set_protocol_version(1);
  connect.set_client_id("anna");
  connect.set_token("t0ken");
  connect.set_user("u");
  connect.set_password("p");
  connect.set_name("Änne's phone");
  connect.set_keep_alive_ms(30'000);
  connect.set_resume("\x00\xFF"sv.data(), 2);
  (*connect.mutable_metadata())["os"] = "linux";
  (*connect.mutable_metadata())[""] = "";
  const std::string body = frame.SerializeAsString();

  const auto view = Decode<ConnectView>(body);
  EXPECT_EQ(view.protocol_version, 1u);
  EXPECT_EQ(view.client_id, "anna");
  EXPECT_EQ(view.token, "t0ken");
  EXPECT_EQ(view.user, "u");
  EXPECT_EQ(view.password, "p");
  EXPECT_EQ(view.name, "Änne's phone");
  EXPECT_EQ(view.keep_alive_ms, 30'000u);
  EXPECT_EQ(view.resume, "\x00\xFF"sv);
  EXPECT_EQ(view.metadata_count, 2u);
  EXPECT_EQ(view.metadata_bytes, 7u);
  size_t pairs = 0;
  for (const auto& [key, value] : view.metadata) {
    EXPECT_EQ(value, connect.metadata().at(std::string(key)));
    ++pairs;
  }
  EXPECT_EQ(pairs, 2u);
}

TEST(ClientFrameDecoder, Subscribe) {
  ClientFrame frame;
  Subscribe& subscribe = *frame.mutable_subscribe();
  subscribe.set_id(UINT64_MAX);
  subscribe.set_filter("room/+/chat/#");
  subscribe.set_group("g");
  subscribe.set_overflow(OVERFLOW_DISCONNECT);
  subscribe.set_max_backlog_messages(UINT32_MAX);
  subscribe.set_max_backlog_bytes(uint64_t{1} << 40);
  const std::string body = frame.SerializeAsString();

  const auto view = Decode<SubscribeView>(body);
  EXPECT_EQ(view.id, UINT64_MAX);
  EXPECT_EQ(view.filter, "room/+/chat/#");
  EXPECT_EQ(view.group, "g");
  EXPECT_EQ(view.overflow, static_cast<uint32_t>(OVERFLOW_DISCONNECT));
  EXPECT_EQ(view.max_backlog_messages, UINT32_MAX);
  EXPECT_EQ(view.max_backlog_bytes, uint64_t{1} << 40);
}

TEST(ClientFrameDecoder, SmallKinds) {
  EXPECT_EQ(Decode<PingView>("\x2A\x02\x08\x07"sv).id, 7u);
  EXPECT_EQ(Decode<PingView>("\x2A\x00"sv).id, 0u);
  EXPECT_EQ(Decode<DisconnectView>("\x32\x05\x0A\x03\x62ye"sv).reason, "bye");
  const auto refresh = Decode<RefreshView>("\x3A\x05\x08\x07\x12\x01t"sv);
  EXPECT_EQ(refresh.id, 7u);
  EXPECT_EQ(refresh.token, "t");
  const auto unsubscribe = Decode<UnsubscribeView>("\x1A\x07\x08\x09\x12\x03\x61/#"sv);
  EXPECT_EQ(unsubscribe.id, 9u);
  EXPECT_EQ(unsubscribe.filter, "a/#");
}

TEST(ClientFrameDecoder, AViewIsFreshEachTime) {
  ClientFrameView view;
  ASSERT_EQ(DecodeClientFrame("\x2A\x02\x08\x07"sv, &view), DecodeError::kOk);
  ASSERT_EQ(DecodeClientFrame("\x2A\x00"sv, &view), DecodeError::kOk);
  EXPECT_EQ(view.kind(), ClientFrameKind::kPing);
  EXPECT_EQ(std::get<PingView>(view.command).id, 0u);
}

TEST(ClientFrameDecoder, PublishForwardsTheBytesThatMessageShares) {
  ClientFrame frame;
  Publish& publish = *frame.mutable_publish();
  publish.set_topic("room/42/chat");
  publish.set_payload("\x00hello\xFF"sv.data(), 7);
  for (const auto& [name, value] : {std::pair{"type", "text/plain"}, std::pair{"lang", "de"}}) {
    Header* header = publish.add_headers();
    header->set_name(name);
    header->set_value(value);
  }
  publish.set_reply_to("inbox/1");
  publish.set_key("k");
  publish.set_ttl_ms(5000);
  publish.set_id(77);
  publish.set_confirm_ms(250);
  const std::string body = frame.SerializeAsString();

  const auto view = Decode<PublishView>(body);
  EXPECT_EQ(view.topic, "room/42/chat");
  EXPECT_EQ(view.payload, "\x00hello\xFF"sv);
  EXPECT_EQ(view.reply_to, "inbox/1");
  EXPECT_EQ(view.key, "k");
  EXPECT_EQ(view.ttl_ms, 5000u);
  EXPECT_EQ(view.id, 77u);
  EXPECT_EQ(view.confirm_ms, 250u);
  EXPECT_EQ(view.header_count, 2u);
  EXPECT_EQ(view.header_bytes_max, 10u);
  std::vector<Pair> headers;
  for (const Pair& header : view.headers) headers.push_back(header);
  EXPECT_EQ(headers, (std::vector<Pair>{{"type", "text/plain"}, {"lang", "de"}}));

  publish.clear_id();
  publish.clear_confirm_ms();
  EXPECT_EQ(Joined(view), publish.SerializeAsString());
  EXPECT_EQ(view.piece_count, 1u);
  Message message;
  ASSERT_TRUE(message.ParseFromString(Joined(view)));
  EXPECT_EQ(message.payload(), publish.payload());
}

// The id's place in the Publish, and what is forwarded. Written with hex for tag and length.
TEST(ClientFrameDecoder, TheIdIsCutOutWhereverItStands) {
  struct Case {
    const char* name;
    std::string_view body;
    std::string_view forwarded;
    size_t pieces;
  };
  const Case cases[] = {
      {"no id", "\x22\x06\x0A\x01t\x12\x01p"sv, "\x0A\x01t\x12\x01p"sv, 1},
      {"last", "\x22\x08\x0A\x01t\x12\x01p\x40\x05"sv, "\x0A\x01t\x12\x01p"sv, 1},
      {"first", "\x22\x08\x40\x05\x0A\x01t\x12\x01p"sv, "\x0A\x01t\x12\x01p"sv, 1},
      {"between", "\x22\x08\x0A\x01t\x40\x05\x12\x01p"sv, "\x0A\x01t\x12\x01p"sv, 2},
      {"other order", "\x22\x08\x12\x01p\x40\x05\x0A\x01t"sv, "\x12\x01p\x0A\x01t"sv, 2},
      {"with confirm_ms", "\x22\x0C\x0A\x01t\x40\x05\x12\x01p\x48\x07\x30\x09"sv,
       "\x0A\x01t\x12\x01p\x30\x09"sv, 3},
      {"written zero", "\x22\x05\x0A\x01t\x40\x00"sv, "\x0A\x01t"sv, 1},
      {"alone", "\x22\x02\x40\x05"sv, ""sv, 0},
      {"nothing", "\x22\x00"sv, ""sv, 0},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto view = Decode<PublishView>(c.body);
    EXPECT_EQ(Joined(view), c.forwarded);
    EXPECT_EQ(view.piece_count, c.pieces);
  }
}

TEST(ClientFrameDecoder, Refusals) {
  struct Case {
    const char* name;
    std::string_view body;
    DecodeError error;
  };
  const Case cases[] = {
      {"nothing", ""sv, DecodeError::kEmptyFrame},
      {"kind 8", "\x42\x00"sv, DecodeError::kUnknownKind},
      {"kind 8 after a good one", "\x2A\x00\x42\x00"sv, DecodeError::kUnknownKind},
      {"two kinds", "\x2A\x00\x32\x00"sv, DecodeError::kTwoKinds},
      {"one kind twice", "\x2A\x00\x2A\x00"sv, DecodeError::kTwoKinds},
      {"kind as number", "\x28\x01"sv, DecodeError::kWrongWireType},
      {"tag only", "\x2A"sv, DecodeError::kTruncated},
      {"body missing", "\x2A\x02\x08"sv, DecodeError::kTruncated},
      {"length beyond 32 bits", "\x2A\xFF\xFF\xFF\xFF\x1F"sv, DecodeError::kTruncated},
      {"length of 6 bytes", "\x2A\x80\x80\x80\x80\x80\x00"sv, DecodeError::kBadVarint},
      {"number cut short", "\x2A\x02\x08\x80"sv, DecodeError::kTruncated},
      {"number of 65 bits", "\x2A\x0B\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02"sv,
       DecodeError::kBadVarint},
      {"group", "\x2A\x02\x0B\x0C"sv, DecodeError::kGroup},
      {"group end", "\x2A\x01\x0C"sv, DecodeError::kGroup},
      {"group of an unknown field", "\x13\x14"sv, DecodeError::kGroup},
      {"wire type 6", "\x2A\x01\x0E"sv, DecodeError::kBadTag},
      {"wire type 7", "\x2F"sv, DecodeError::kBadTag},
      {"field number 0", "\x2A\x02\x00\x01"sv, DecodeError::kBadTag},
      {"field number 0 as kind", "\x02\x00"sv, DecodeError::kBadTag},
      {"tag longer than necessary", "\xAA\x00\x00"sv, DecodeError::kBadTag},
      {"tag of 33 bits", "\x80\x80\x80\x80\x10\x00"sv, DecodeError::kBadTag},
      {"tag cut short", "\x80"sv, DecodeError::kTruncated},
      {"unknown field of Ping", "\x2A\x02\x10\x01"sv, DecodeError::kUnknownField},
      {"field 7 of Publish is the broker's", "\x22\x03\x3A\x01g"sv, DecodeError::kUnknownField},
      {"first stamp", "\x22\x03\x80\x01\x05"sv, DecodeError::kStampField},
      {"last stamp", "\x22\x03\xB8\x01\x05"sv, DecodeError::kStampField},
      {"beyond the stamps", "\x22\x03\xC0\x01\x05"sv, DecodeError::kUnknownField},
      {"32: beyond a set's bits", "\x22\x03\x80\x02\x05"sv, DecodeError::kUnknownField},
      {"16 of Ping is no stamp", "\x2A\x03\x80\x01\x05"sv, DecodeError::kUnknownField},
      {"topic as number", "\x22\x02\x08\x01"sv, DecodeError::kWrongWireType},
      {"id as bytes", "\x2A\x02\x0A\x00"sv, DecodeError::kWrongWireType},
      {"id as fixed64", "\x2A\x09\x09\x00\x00\x00\x00\x00\x00\x00\x00"sv,
       DecodeError::kWrongWireType},
      {"topic twice", "\x22\x06\x0A\x01t\x0A\x01t"sv, DecodeError::kRepeatedField},
      {"id twice", "\x22\x04\x40\x01\x40\x01"sv, DecodeError::kRepeatedField},
      {"ttl 2^32", "\x22\x06\x30\x80\x80\x80\x80\x10"sv, DecodeError::kNumberTooLarge},
      {"overflow 2^31", "\x12\x06\x20\x80\x80\x80\x80\x08"sv, DecodeError::kNumberTooLarge},
      {"overflow -1", "\x12\x0B\x20\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"sv,
       DecodeError::kNumberTooLarge},
      {"topic not UTF-8", "\x22\x03\x0A\x01\xFF"sv, DecodeError::kInvalidUtf8},
      {"surrogate", "\x22\x05\x0A\x03\xED\xA0\x80"sv, DecodeError::kInvalidUtf8},
      {"header value not UTF-8", "\x22\x05\x1A\x03\x12\x01\xC3"sv, DecodeError::kInvalidUtf8},
      {"header with a third field", "\x22\x04\x1A\x02\x18\x01"sv, DecodeError::kUnknownField},
      {"header with two names", "\x22\x08\x1A\x06\x0A\x01\x61\x0A\x01\x62"sv,
       DecodeError::kRepeatedField},
      {"metadata key not UTF-8", "\x0A\x05\x3A\x03\x0A\x01\xFF"sv, DecodeError::kInvalidUtf8},
      {"metadata with a third field", "\x0A\x04\x3A\x02\x18\x01"sv, DecodeError::kUnknownField},
      {"filter not UTF-8", "\x12\x03\x12\x01\x80"sv, DecodeError::kInvalidUtf8},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    ClientFrameView view;
    EXPECT_EQ(DecodeErrorName(DecodeClientFrame(c.body, &view)), DecodeErrorName(c.error));
  }
}

// protobuf allows it, and encoders that fill in lengths afterwards write it.
TEST(ClientFrameDecoder, LengthsAndNumbersMayBeLongerThanNecessary) {
  EXPECT_EQ(Decode<PingView>("\x2A\x83\x80\x00\x08\x87\x00"sv).id, 7u);
}

TEST(ClientFrameDecoder, AllocatesNothing) {
  ClientFrame frames[3];
  frames[0].mutable_connect()->set_protocol_version(1);
  for (int i = 0; i < 100; ++i) {
    (*frames[0].mutable_connect()->mutable_metadata())[std::to_string(i)] = "a long enough value";
    frames[1].mutable_publish()->add_headers()->set_value("a long enough value");
  }
  frames[2].mutable_ping()->set_id(7);
  for (const ClientFrame& frame : frames) {
    const std::string body = frame.SerializeAsString();
    ClientFrameView view;
    const uint64_t before = tests::Allocations();
    const DecodeError error = DecodeClientFrame(body, &view);
    EXPECT_EQ(tests::Allocations(), before);
    EXPECT_EQ(error, DecodeError::kOk);
  }
}

TEST(ClientFrameDecoder, EveryPrefixOfAFrameIsRefusedOrAnotherFrame) {
  const std::string_view body = "\x22\x0A\x0A\x03t/u\x12\x01p\x40\x05"sv;
  for (size_t size = 0; size < body.size(); ++size) {
    ClientFrameView view;
    EXPECT_NE(DecodeClientFrame(body.substr(0, size), &view), DecodeError::kOk) << size;
  }
}

}  // namespace
}  // namespace esockets::proto
