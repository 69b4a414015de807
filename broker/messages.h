// Messages on their way through the broker: views, valid while they are routed.
#ifndef BROKER_MESSAGES_H_
#define BROKER_MESSAGES_H_

#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "base/frame_sequence.h"

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

// Consecutive messages of one publisher on one topic: at least one.
struct Messages {
  std::string_view topic;               // within the first frame
  base::FrameSequence frames;           // as proto/message_frame.h says
  uint64_t publisher = 0;               // session id
  const ConfirmAsk* confirm = nullptr;  // null: nobody asks. Else it is one message
  bool stamped = false;                 // the frames are as they go to everybody

  size_t count() const { return frames.count(); }
};

}  // namespace esockets::broker

#endif  // BROKER_MESSAGES_H_
