// What a client is told of messages that it did not get.
#ifndef BROKER_GAP_H_
#define BROKER_GAP_H_

#include <algorithm>
#include <cstdint>

#include "base/clock.h"

namespace esockets::broker {

enum class GapReason : uint8_t { kBacklogFull, kBrokerMemory };

struct Gap {
  uint64_t messages = 0;
  uint64_t bytes = 0;  // of their frames
  base::TimePoint from{};
  base::TimePoint to{};
  GapReason reason = GapReason::kBacklogFull;  // of the latest

  bool empty() const { return messages == 0; }

  void Add(uint64_t frame_bytes, base::TimePoint time, GapReason why) {
    from = empty() ? time : std::min(from, time);
    to = empty() ? time : std::max(to, time);
    ++messages;
    bytes += frame_bytes;
    reason = why;
  }
};

}  // namespace esockets::broker

#endif  // BROKER_GAP_H_
