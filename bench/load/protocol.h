// How to speak to one kind of broker. A plug-in only writes and cuts bytes: it has no socket and no
// state, so it is a table of functions.
//
// Topics and filters are given as ours, "a/b" with "+" for one level, and written as the broker
// wants them.
#ifndef BENCH_LOAD_PROTOCOL_H_
#define BENCH_LOAD_PROTOCOL_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace esockets::load {

enum class FrameKind : uint8_t {
  kIncomplete,  // more bytes are needed
  kMessage,
  kConnected,
  kSubscribed,
  kUnsubscribed,
  kGap,     // the broker says that it dropped messages
  kOther,   // nothing that matters here
  kBroken,  // an error, or bytes that are not of this protocol
};

// The first frame of some bytes.
struct Frame {
  FrameKind kind = FrameKind::kIncomplete;
  size_t bytes = 0;       // all of it
  size_t payload_at = 0;  // kMessage: offset of the payload
  uint64_t position = 0;  // kMessage: in a stream; 0: it is in none
  uint64_t dropped = 0;   // kGap: messages
};

struct Protocol {
  // Whether a Connect is answered with kConnected. Every Subscribe is answered with kSubscribed,
  // every Unsubscribe with kUnsubscribed.
  bool answers_connect;

  void (*append_connect)(std::string_view client_id, std::string* out);

  // `id` rises with each request of a connection, from 1; 6 digits at most keep deliveries of all
  // its subscriptions equally long.
  void (*append_subscribe)(uint64_t id, std::string_view filter, std::string* out);

  // The same, beginning with the first message that the broker has stored. Null: it stores none.
  void (*append_subscribe_from_first)(uint64_t id, std::string_view filter, std::string* out);

  // `subscribe_id` as it was given to append_subscribe.
  void (*append_unsubscribe)(uint64_t id, uint64_t subscribe_id, std::string_view filter,
                             std::string* out);

  // Returns the offset of the payload in *out.
  size_t (*append_publish)(std::string_view topic, std::string_view payload, std::string* out);

  Frame (*cut)(std::string_view bytes);
};

}  // namespace esockets::load

#endif  // BENCH_LOAD_PROTOCOL_H_
