#include "proto/message_frame.h"

#include "base/check.h"
#include "proto/esockets.pb.h"
#include "proto/field_reader.h"
#include "proto/message_view.h"
#include "proto/server_frame_encoder.h"
#include "proto/varint.h"

namespace esockets::proto {
namespace {

// Bytes of the varint that begins there. REQUIRES: it ends.
size_t VarintBytesAt(const char* at) {
  size_t bytes = 1;
  while ((static_cast<uint8_t>(*at++) & 0x80) != 0) ++bytes;
  return bytes;
}

}  // namespace

std::string_view FieldsOfFrame(std::string_view frame) {
  frame.remove_prefix(VarintBytesAt(frame.data()) + 1);
  frame.remove_prefix(VarintBytesAt(frame.data()));
  return frame;
}

bool HasPayload(std::string_view frame) {
  FieldReader in(FieldsOfFrame(frame));
  std::string_view payload;
  while (!in.done() && in.ReadTag() == DecodeError::kOk) {
    const bool is_payload = in.number() == Message::kPayloadFieldNumber;
    if ((is_payload ? in.ReadBytes(&payload) : in.Skip()) != DecodeError::kOk) break;
  }
  return !payload.empty();
}

MessageLabel LabelOfFrame(std::string_view frame) {
  frame.remove_prefix(VarintBytesAt(frame.data()));
  MessageView view;
  if (!DecodeMessage(frame, &view)) return {};
  return {.topic = view.topic, .key = view.key, .ttl_ms = view.ttl_ms, .position = view.position};
}

void MarkAsMessages(char* copy, const base::FrameSequence& frames) {
  uint32_t begin = frames.begin;
  for (const uint32_t end : frames.ends) {
    char* const frame = copy + (begin - frames.begin);
    frame[VarintBytesAt(frame)] = kMessageFrameTag;
    begin = end;
  }
}

void MessageFrame::Assign(std::string_view topic, std::span<const std::string_view> pieces) {
  const MessageParts parts{.pieces = pieces};
  bytes_.resize(MessageFrameSize(parts));
  EncodeMessageFrame(parts, bytes_.data());
  ends_[0] = static_cast<uint32_t>(bytes_.size());
  topic_at_ = bytes_.size();
  topic_size_ = topic.size();
  for (size_t i = pieces.size(); i-- > 0;) {
    topic_at_ -= pieces[i].size();
    const auto at = static_cast<size_t>(topic.data() - pieces[i].data());
    if (topic.data() < pieces[i].data() || at + topic.size() > pieces[i].size()) continue;
    topic_at_ += at;
    return;
  }
  ESOCKETS_CHECK(false);
}

}  // namespace esockets::proto
