// The words between a reader of a stream and the loop that keeps it.
#ifndef BROKER_STREAM_READING_H_
#define BROKER_STREAM_READING_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "broker/limits.h"
#include "broker/message_store.h"
#include "broker/subscription.h"

namespace esockets::broker {

// Where to begin: as Start in proto/esockets.proto says, by number.
struct StreamStart {
  enum class At : uint8_t { kNow, kAfterPosition, kTime, kLast, kLastOfEachTopic };
  At at = At::kNow;
  uint64_t number = 0;  // position, microseconds or messages
  uint64_t epoch = 0;   // of kAfterPosition
};

// Where that is.
struct StreamOpened {
  bool refused = false;  // the position was never given
  uint64_t last = 0;     // position of the stream's last message
  uint64_t epoch = 0;
  ReadPosition from;
  bool recovered = false;  // nothing of what was asked for is missing
};

// Messages that are looked at for a page, for a client that may be sent so many.
inline uint32_t LooksFor(size_t messages) {
  return static_cast<uint32_t>(std::min<size_t>(messages, kStreamLooksMax));
}

// What a subscriber is told of it.
struct StreamBegin {
  std::string name;
  uint64_t epoch = 0;
  uint64_t position = 0;
  bool recovered = false;
  Overflow overflow = Overflow::kDropOldest;  // the contract that holds
};

}  // namespace esockets::broker

#endif  // BROKER_STREAM_READING_H_
