#include "proto/server_frame_encoder.h"

#include <algorithm>

#include "proto/esockets.pb.h"
#include "proto/field_reader.h"
#include "proto/varint.h"

namespace esockets::proto {
namespace {

constexpr uint32_t kTimeTag = Tag(Message::kTimeUsFieldNumber, WireType::kVarint);
constexpr uint32_t kPublisherTag = Tag(Message::kPublisherFieldNumber, WireType::kVarint);
constexpr uint32_t kPositionTag = Tag(Message::kPositionFieldNumber, WireType::kVarint);
constexpr uint32_t kMessageTag = Tag(ServerFrame::kMessageFieldNumber, WireType::kBytes);
static_assert(kMessageTag == kMessageFrameTag);

size_t StampSize(uint32_t tag, uint64_t value) { return VarintSize(tag) + VarintSize(value); }

char* PutStamp(uint32_t tag, uint64_t value, char* out) {
  return PutVarint(value, PutVarint(tag, out));
}

// Of the Message itself, without what surrounds it.
size_t MessageSize(const MessageParts& parts) {
  size_t size = 0;
  for (const std::string_view piece : parts.pieces) size += piece.size();
  if (parts.stamp_time) size += StampSize(kTimeTag, parts.time_us);
  if (parts.stamp_publisher) size += StampSize(kPublisherTag, parts.publisher);
  if (parts.position != 0) size += StampSize(kPositionTag, parts.position);
  return size;
}

size_t WrappedSize(size_t message_size) { return 1 + VarintSize(message_size) + message_size; }

// Bytes of tag and length of a field of fewer than 2^32 bytes, written to `out`.
std::string_view PutHead(uint32_t tag, size_t size, char* out) {
  const char* end = PutVarint(size, PutVarint(tag, out));
  return {out, static_cast<size_t>(end - out)};
}

size_t EncodeAnswer(int frame_field, uint64_t id, char* out) {
  constexpr uint32_t kIdTag = Tag(1, WireType::kVarint);
  static_assert(Subscribed::kIdFieldNumber == 1 && Unsubscribed::kIdFieldNumber == 1 &&
                Published::kIdFieldNumber == 1 && Pong::kIdFieldNumber == 1);
  // proto3 leaves out a zero.
  const size_t answer_size = id == 0 ? 0 : 1 + VarintSize(id);
  char* end = PutVarint(2 + answer_size, out);
  end = PutVarint(Tag(frame_field, WireType::kBytes), end);
  end = PutVarint(answer_size, end);
  if (id != 0) end = PutVarint(id, PutVarint(kIdTag, end));
  return static_cast<size_t>(end - out);
}
// Three one-byte numbers, the id's tag, and the id.
static_assert(3 + 1 + kVarint64BytesMax <= kAnswerBytesMax);

}  // namespace

TopicAndPayload::TopicAndPayload(std::string_view topic, std::string_view payload)
    : pieces_{
          PutHead(Tag(Message::kTopicFieldNumber, WireType::kBytes), topic.size(), heads_[0]),
          topic,
          PutHead(Tag(Message::kPayloadFieldNumber, WireType::kBytes), payload.size(), heads_[1]),
          payload} {}

std::string GroupPiece(std::string_view group) {
  char head[6];
  std::string piece(PutHead(Tag(Message::kGroupFieldNumber, WireType::kBytes), group.size(), head));
  return piece.append(group);
}

size_t MessageFrameSize(const MessageParts& parts) {
  const size_t frame_size = WrappedSize(MessageSize(parts));
  return VarintSize(frame_size) + frame_size;
}

size_t EncodeMessageFrame(const MessageParts& parts, char* out) {
  const size_t message_size = MessageSize(parts);
  char* end = PutVarint(WrappedSize(message_size), out);
  *end++ = kMessageFrameTag;
  end = PutVarint(message_size, end);
  for (const std::string_view piece : parts.pieces) {
    end = std::copy(piece.begin(), piece.end(), end);
  }
  if (parts.stamp_time) end = PutStamp(kTimeTag, parts.time_us, end);
  if (parts.stamp_publisher) end = PutStamp(kPublisherTag, parts.publisher, end);
  if (parts.position != 0) end = PutStamp(kPositionTag, parts.position, end);
  return static_cast<size_t>(end - out);
}

size_t EncodeSubscribed(uint64_t id, char* out) {
  return EncodeAnswer(ServerFrame::kSubscribedFieldNumber, id, out);
}

size_t EncodeUnsubscribed(uint64_t id, char* out) {
  return EncodeAnswer(ServerFrame::kUnsubscribedFieldNumber, id, out);
}

size_t EncodePublished(uint64_t id, char* out) {
  return EncodeAnswer(ServerFrame::kPublishedFieldNumber, id, out);
}

size_t EncodePong(uint64_t id, char* out) {
  return EncodeAnswer(ServerFrame::kPongFieldNumber, id, out);
}

void AppendFrame(const ServerFrame& frame, std::string* out) {
  const size_t size = frame.ByteSizeLong();
  char prefix[kVarint64BytesMax];
  out->append(prefix, static_cast<size_t>(PutVarint(size, prefix) - prefix));
  frame.AppendToString(out);
}

}  // namespace esockets::proto
