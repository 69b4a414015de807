#include "proto/message_view.h"

#include "proto/esockets.pb.h"
#include "proto/field_reader.h"

namespace esockets::proto {
namespace {

DecodeError ReadField(FieldReader& in, MessageView* view) {
  switch (in.number()) {
    case Message::kTopicFieldNumber:
      return in.ReadBytes(&view->topic);
    case Message::kPayloadFieldNumber:
      return in.ReadBytes(&view->payload);
    case Message::kReplyToFieldNumber:
      return in.ReadBytes(&view->reply_to);
    case Message::kKeyFieldNumber:
      return in.ReadBytes(&view->key);
    case Message::kTtlMsFieldNumber:
      return in.ReadUint32(&view->ttl_ms);
    case Message::kGroupFieldNumber:
      return in.ReadBytes(&view->group);
    case Message::kTimeUsFieldNumber:
      return in.ReadUint64(&view->time_us);
    case Message::kPublisherFieldNumber:
      return in.ReadUint64(&view->publisher);
    case Message::kPositionFieldNumber:
      return in.ReadUint64(&view->position);
    default:  // headers too: PairRange finds them
      return in.Skip();
  }
}

}  // namespace

bool DecodeMessage(std::string_view body, MessageView* view) {
  FieldReader frame(body);
  std::string_view message;
  if (frame.done() || frame.ReadTag() != DecodeError::kOk ||
      frame.number() != ServerFrame::kMessageFieldNumber ||
      frame.ReadBytes(&message) != DecodeError::kOk || !frame.done()) {
    return false;
  }
  *view = {};
  view->headers = PairRange(message, Message::kHeadersFieldNumber);
  FieldReader in(message);
  while (!in.done()) {
    if (in.ReadTag() != DecodeError::kOk || ReadField(in, view) != DecodeError::kOk) return false;
  }
  return true;
}

}  // namespace esockets::proto
