// Writes what the broker sends. The frequent frames are written straight into the caller's buffer,
// without protobuf objects; AppendFrame is for all others. Every frame comes with its length
// prefix.
#ifndef PROTO_SERVER_FRAME_ENCODER_H_
#define PROTO_SERVER_FRAME_ENCODER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace esockets {
class ServerFrame;
}

namespace esockets::proto {

// The first byte of ServerFrame{message} behind the frame's length.
inline constexpr char kMessageFrameTag = 0x12;

// One Message, encoded already but for the stamps.
struct MessageParts {
  // Encoded fields 1 to 7 of Message: the publisher's PublishView::pieces, or TopicAndPayload; and
  // GroupPiece.
  std::span<const std::string_view> pieces;
  // A stamp is written when it is asked for, zero included.
  bool stamp_time = false;
  // Microseconds since 1970 (UTC).
  uint64_t time_us = 0;
  bool stamp_publisher = false;
  uint64_t publisher = 0;
  // In its stream; 0: it is in none, and nothing is written.
  uint64_t position = 0;
};

// The pieces of a message that the broker itself publishes. Views into the topic and the payload
// given, and into this object.
class TopicAndPayload {
 public:
  TopicAndPayload(std::string_view topic, std::string_view payload);
  TopicAndPayload(const TopicAndPayload&) = delete;
  TopicAndPayload& operator=(const TopicAndPayload&) = delete;

  std::span<const std::string_view> pieces() const { return pieces_; }

 private:
  char heads_[2][6];  // tag and length of each field
  std::array<std::string_view, 4> pieces_;
};

// The encoded field Message.group: a piece of a delivery to a member of that group.
std::string GroupPiece(std::string_view group);

// Bytes that EncodeMessageFrame writes. REQUIRES: the pieces have less than 2^32 - 64 bytes.
size_t MessageFrameSize(const MessageParts& parts);

// Writes ServerFrame{message} and returns its bytes.
// REQUIRES: `out` has room for MessageFrameSize(parts).
size_t EncodeMessageFrame(const MessageParts& parts, char* out);

// Room that the encoders below need.
inline constexpr size_t kAnswerBytesMax = 16;

// Each writes one frame with an id and returns its bytes. REQUIRES: room for kAnswerBytesMax.
size_t EncodeSubscribed(uint64_t id, char* out);
size_t EncodeUnsubscribed(uint64_t id, char* out);
size_t EncodePublished(uint64_t id, char* out);
size_t EncodePong(uint64_t id, char* out);

// Appends any frame. For frames that are rare: it goes through protobuf.
void AppendFrame(const ServerFrame& frame, std::string* out);

}  // namespace esockets::proto

#endif  // PROTO_SERVER_FRAME_ENCODER_H_
