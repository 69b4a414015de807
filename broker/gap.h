// What a client is told of messages that it did not get.
#ifndef BROKER_GAP_H_
#define BROKER_GAP_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/clock.h"

namespace esockets::broker {

// Why a message was not delivered; the later, the graver.
enum class GapReason : uint8_t {
  kConflated,     // a newer one of its topic and key took its place
  kExpired,       // its ttl was over
  kTooOld,        // it had waited longer than the subscription's limit
  kBacklogFull,   // the subscription's or the client's backlog was full
  kBrokerMemory,  // the broker's memory for backlogs was used up
  kRetention,     // the stream let go of it before the client had read that far
};
inline constexpr size_t kGapReasons = 6;
std::string_view GapReasonText(GapReason reason);

struct Gap {
  uint64_t messages = 0;
  uint64_t bytes = 0;      // of their frames
  uint64_t conflated = 0;  // of the messages
  uint64_t expired = 0;    // of the messages
  base::TimePoint from{};
  base::TimePoint to{};
  GapReason reason = GapReason::kConflated;  // the gravest
  // Of a hole in a stream, whose bytes and times nobody knows any more.
  uint64_t from_position = 0;
  uint64_t to_position = 0;

  bool empty() const { return messages == 0; }

  void Add(uint64_t frame_bytes, base::TimePoint time, GapReason why) {
    Add({.messages = 1,
         .bytes = frame_bytes,
         .conflated = why == GapReason::kConflated ? 1U : 0U,
         .expired = why == GapReason::kExpired ? 1U : 0U,
         .from = time,
         .to = time,
         .reason = why});
  }

  void Add(const Gap& other) {
    if (other.empty()) return;
    from = empty() ? other.from : std::min(from, other.from);
    to = empty() ? other.to : std::max(to, other.to);
    reason = std::max(reason, other.reason);
    messages += other.messages;
    bytes += other.bytes;
    conflated += other.conflated;
    expired += other.expired;
  }
};

}  // namespace esockets::broker

#endif  // BROKER_GAP_H_
