// ESocketS's own protocol (docs/PROTOCOL.md).
#include "bench/load/protocols.h"
#include "proto/esockets.pb.h"
#include "proto/frame_delimiter.h"
#include "proto/message_view.h"
#include "proto/varint.h"

namespace esockets::load {
namespace {

constexpr uint32_t kFrameBytesMax = 64 << 20;

void Append(const ClientFrame& frame, std::string* out) {
  const std::string body = frame.SerializeAsString();
  char prefix[proto::kFramePrefixBytesMax];
  out->append(prefix, proto::PutVarint(body.size(), prefix));
  out->append(body);
}

Frame CutAnswer(std::string_view body, size_t bytes) {
  Frame frame{.kind = FrameKind::kBroken, .bytes = bytes};
  ServerFrame answer;
  if (!answer.ParseFromArray(body.data(), static_cast<int>(body.size()))) return frame;
  switch (answer.kind_case()) {
    case ServerFrame::kConnected:
      frame.kind = FrameKind::kConnected;
      break;
    case ServerFrame::kSubscribed:
      frame.kind = FrameKind::kSubscribed;
      break;
    case ServerFrame::kUnsubscribed:
      frame.kind = FrameKind::kUnsubscribed;
      break;
    case ServerFrame::kGap:
      frame.kind = FrameKind::kGap;
      frame.dropped = answer.gap().messages();
      break;
    case ServerFrame::kPublished:
    case ServerFrame::kPong:
      frame.kind = FrameKind::kOther;
      break;
    default:
      break;
  }
  return frame;
}

void AppendConnect(std::string_view client_id, std::string* out) {
  ClientFrame frame;
  frame.mutable_connect()->set_protocol_version(1);
  frame.mutable_connect()->set_client_id(std::string(client_id));
  Append(frame, out);
}

void AppendSubscribe(uint64_t id, std::string_view filter, std::string* out) {
  ClientFrame frame;
  frame.mutable_subscribe()->set_id(id);
  frame.mutable_subscribe()->set_filter(std::string(filter));
  Append(frame, out);
}

void AppendSubscribeFromFirst(uint64_t id, std::string_view filter, std::string* out) {
  ClientFrame frame;
  frame.mutable_subscribe()->set_id(id);
  frame.mutable_subscribe()->set_filter(std::string(filter));
  frame.mutable_subscribe()->set_start(START_AT_TIME);
  frame.mutable_subscribe()->set_start_at(1);
  Append(frame, out);
}

void AppendUnsubscribe(uint64_t id, uint64_t /*subscribe_id*/, std::string_view filter,
                       std::string* out) {
  ClientFrame frame;
  frame.mutable_unsubscribe()->set_id(id);
  frame.mutable_unsubscribe()->set_filter(std::string(filter));
  Append(frame, out);
}

// Protobuf writes the fields in order: the payload is the end of the frame.
size_t AppendPublish(std::string_view topic, std::string_view payload, std::string* out) {
  ClientFrame frame;
  frame.mutable_publish()->set_topic(std::string(topic));
  frame.mutable_publish()->set_payload(std::string(payload));
  Append(frame, out);
  return out->size() - payload.size();
}

Frame Cut(std::string_view bytes) {
  std::string_view body;
  size_t consumed = 0, needed = 0;
  switch (proto::CutFrame(bytes, kFrameBytesMax, &body, &consumed, &needed)) {
    case proto::CutResult::kFrame:
      break;
    case proto::CutResult::kIncomplete:
      return {};
    default:
      return {.kind = FrameKind::kBroken};
  }
  proto::MessageView message;
  if (!proto::DecodeMessage(body, &message)) return CutAnswer(body, consumed);
  return {.kind = FrameKind::kMessage,
          .bytes = consumed,
          .payload_at = static_cast<size_t>(message.payload.data() - bytes.data()),
          .position = message.position};
}

}  // namespace

const Protocol kNativeProtocol{.answers_connect = true,
                               .append_connect = AppendConnect,
                               .append_subscribe = AppendSubscribe,
                               .append_subscribe_from_first = AppendSubscribeFromFirst,
                               .append_unsubscribe = AppendUnsubscribe,
                               .append_publish = AppendPublish,
                               .cut = Cut};

}  // namespace esockets::load
