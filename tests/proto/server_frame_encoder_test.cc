#include "proto/server_frame_encoder.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "proto/frame_delimiter.h"

namespace esockets::proto {
namespace {

using namespace std::string_view_literals;

// Cuts the one frame that `bytes` must be, and parses it with protobuf.
ServerFrame Parse(std::string_view bytes) {
  std::string_view body;
  size_t consumed = 0, needed = 0;
  EXPECT_EQ(CutFrame(bytes, UINT32_MAX, &body, &consumed, &needed), CutResult::kFrame);
  EXPECT_EQ(consumed, bytes.size());
  ServerFrame frame;
  EXPECT_TRUE(frame.ParseFromArray(body.data(), static_cast<int>(body.size())));
  return frame;
}

std::string Encode(const MessageParts& parts) {
  std::string out(MessageFrameSize(parts), '\0');
  EXPECT_EQ(EncodeMessageFrame(parts, out.data()), out.size());
  return out;
}

TEST(ServerFrameEncoder, ForwardsPiecesAsTheyAre) {
  const std::string_view pieces[] = {"\x0A\x01t"sv, "\x12\x01p"sv};
  EXPECT_EQ(Encode({.pieces = pieces}), "\x08\x12\x06\x0A\x01t\x12\x01p"sv);
}

TEST(ServerFrameEncoder, StampsAreWrittenWhenAskedForZeroIncluded) {
  const TopicAndPayload own("t", "");
  const ServerFrame none = Parse(Encode({.pieces = own.pieces()}));
  EXPECT_EQ(none.message().time_us(), 0u);

  MessageParts parts = {.pieces = own.pieces(), .stamp_time = true, .stamp_publisher = true};
  EXPECT_EQ(Encode(parts), "\x0D\x12\x0B\x0A\x01t\x12\x00\x80\x01\x00\x88\x01\x00"sv);

  parts.time_us = 1'700'000'000'000'000;
  parts.publisher = UINT64_MAX;
  const ServerFrame both = Parse(Encode(parts));
  EXPECT_EQ(both.message().topic(), "t");
  EXPECT_EQ(both.message().time_us(), 1'700'000'000'000'000u);
  EXPECT_EQ(both.message().publisher(), UINT64_MAX);
}

TEST(ServerFrameEncoder, OwnMessagesOfEverySize) {
  for (const size_t size : {0u, 1u, 100u, 125u, 126u, 127u, 128u, 16'380u, 16'384u, 1u << 20}) {
    const std::string topic(size % 1024, 't');
    const std::string payload(size, 'p');
    const TopicAndPayload own(topic, payload);
    const std::string bytes = Encode({.pieces = own.pieces()});
    const ServerFrame frame = Parse(bytes);
    EXPECT_EQ(frame.message().topic(), topic);
    EXPECT_EQ(frame.message().payload(), payload);
    // What the grammar promises of a message without options.
    EXPECT_LE(bytes.size(), topic.size() + payload.size() + 16);
  }
}

TEST(ServerFrameEncoder, ADeliveryForAGroupCarriesItsName) {
  const TopicAndPayload content("jobs/1", "p");
  std::vector<std::string_view> pieces(content.pieces().begin(), content.pieces().end());
  for (const size_t size : {size_t{1}, size_t{128}}) {
    const std::string group(size, 'g');
    const std::string piece = GroupPiece(group);
    pieces.push_back(piece);
    const MessageParts parts{.pieces = pieces, .position = 7};
    std::string bytes(MessageFrameSize(parts), '\0');
    EXPECT_EQ(EncodeMessageFrame(parts, bytes.data()), bytes.size());
    const ServerFrame frame = Parse(bytes);
    EXPECT_EQ(frame.message().group(), group);
    EXPECT_EQ(frame.message().payload(), "p");
    EXPECT_EQ(frame.message().position(), 7u);
    pieces.pop_back();
  }
}

TEST(ServerFrameEncoder, AnswersAreThoseOfProtobuf) {
  for (const uint64_t id : {uint64_t{0}, uint64_t{1}, uint64_t{127}, uint64_t{128}, UINT64_MAX}) {
    ServerFrame frames[4];
    frames[0].mutable_subscribed()->set_id(id);
    frames[1].mutable_unsubscribed()->set_id(id);
    frames[2].mutable_published()->set_id(id);
    frames[3].mutable_pong()->set_id(id);
    using Encoder = size_t (*)(uint64_t, char*);
    const Encoder encoders[] = {EncodeSubscribed, EncodeUnsubscribed, EncodePublished, EncodePong};
    for (size_t i = 0; i < 4; ++i) {
      std::array<char, kAnswerBytesMax> out;
      const size_t size = encoders[i](id, out.data());
      std::string expected;
      AppendFrame(frames[i], &expected);
      EXPECT_EQ(std::string_view(out.data(), size), expected) << i << " " << id;
    }
  }
}

TEST(ServerFrameEncoder, AppendFrameAppends) {
  ServerFrame frame;
  frame.mutable_close()->set_code(200);
  frame.mutable_close()->set_detail(std::string(200, 'd'));
  std::string out = "before";
  AppendFrame(frame, &out);
  EXPECT_EQ(out.substr(0, 6), "before");
  EXPECT_EQ(Parse(std::string_view(out).substr(6)).close().detail().size(), 200u);
}

}  // namespace
}  // namespace esockets::proto
