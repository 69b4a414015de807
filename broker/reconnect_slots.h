// When clients that are asked to leave, or closed by the broker, come back: each at a time of its
// own, no more in a second than the broker can bear. Of all loops together. Thread: any.
#ifndef BROKER_RECONNECT_SLOTS_H_
#define BROKER_RECONNECT_SLOTS_H_

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace esockets::broker {

// No client is told to stay away for longer.
inline constexpr base::Duration kRetryAfterMax = std::chrono::minutes(30);

class ReconnectSlots {
 public:
  // The next slot, as milliseconds from now. REQUIRES: a rate of at least 1.
  uint32_t Take(uint32_t per_second, base::TimePoint now) {
    const int64_t slot_nanos = 1'000'000'000 / std::max<int64_t>(1, per_second);
    const int64_t now_nanos = now.time_since_epoch().count();
    int64_t free = free_nanos_.load(std::memory_order_relaxed);
    int64_t slot = 0;
    do {
      slot = std::max(free, now_nanos);
    } while (!free_nanos_.compare_exchange_weak(free, slot + slot_nanos));
    const base::Duration wait =
        std::min<base::Duration>(base::Duration(slot - now_nanos), kRetryAfterMax);
    return static_cast<uint32_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(wait).count());
  }

 private:
  std::atomic<int64_t> free_nanos_{0};  // of a base::TimePoint: the first slot that nobody has
};

}  // namespace esockets::broker

#endif  // BROKER_RECONNECT_SLOTS_H_
