// Reads a delivery in place: what a client library needs on its hot path.
#ifndef PROTO_MESSAGE_VIEW_H_
#define PROTO_MESSAGE_VIEW_H_

#include <cstdint>
#include <string_view>

#include "proto/pair_range.h"

namespace esockets::proto {

// Fields are those of Message in proto/esockets.proto. Views into the frame's bytes.
struct MessageView {
  std::string_view topic;
  std::string_view payload;
  std::string_view reply_to;
  std::string_view key;
  uint32_t ttl_ms = 0;
  std::string_view group;
  // Microseconds since 1970 (UTC); 0 when the broker does not stamp.
  uint64_t time_us = 0;
  uint64_t publisher = 0;
  // In the stream of its topic; 0: it is in none.
  uint64_t position = 0;

  PairRange headers;
};

// Reads a frame that is a Message, as protobuf would: unknown fields are read over, the last of a
// repeated field counts. UTF-8 is not checked: the broker did. False, and *view means nothing, for
// every other kind of frame and for bytes that are none: parse those as a ServerFrame.
bool DecodeMessage(std::string_view body, MessageView* view);

}  // namespace esockets::proto

#endif  // PROTO_MESSAGE_VIEW_H_
