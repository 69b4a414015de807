// Messages on their way through the broker: views, valid while they are routed.
#ifndef BROKER_MESSAGES_H_
#define BROKER_MESSAGES_H_

#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "base/frame_sequence.h"
#include "broker/class_number.h"

namespace esockets::broker {

// What the broker adds to each message.
struct Stamps {
  bool time = false;
  bool publisher = false;

  bool any() const { return time || publisher; }
};

// A publisher wants to know what becomes of its message.
struct ConfirmAsk {
  uint64_t number = 0;  // of that loop
  uint32_t loop = 0;    // that took the message
  base::Duration time{};
};

// A publisher wants to know where in its stream its message is stored; or it names it, so that it
// is stored once.
struct StoreAsk {
  uint64_t session = 0;
  uint64_t request_id = 0;
  uint32_t loop = 0;            // of that session
  std::string_view message_id;  // empty: none
};

// Where it is stored then.
struct Stored {
  uint64_t epoch = 0;
  uint64_t position = 0;  // 0: nowhere
  bool repeated = false;  // it was there already
};

// Consecutive messages of one publisher on one topic: at least one.
struct Messages {
  std::string_view topic;               // within the first frame
  base::FrameSequence frames;           // as proto/message_frame.h says
  uint64_t publisher = 0;               // session id
  ClassNumber publisher_class = 0;      // of the client when it published
  const ConfirmAsk* confirm = nullptr;  // null: nobody asks. Else it is one message
  const StoreAsk* store = nullptr;      // the same, on a topic of a stream
  bool stamped = false;                 // the frames are as they go to everybody
  bool to_home = false;                 // to be stored by the loop that it is sent to

  size_t count() const { return frames.count(); }
};

}  // namespace esockets::broker

#endif  // BROKER_MESSAGES_H_
