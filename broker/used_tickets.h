// Tickets that have counted, of all loops together: each counts once. Thread: any.
#ifndef BROKER_USED_TICKETS_H_
#define BROKER_USED_TICKETS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>

#include "absl/container/flat_hash_set.h"

namespace esockets::broker {

// Remembered until they expire, about 80 bytes each; above it no other is taken, and credentials
// decide.
inline constexpr size_t kUsedTicketsMax = 1'000'000;

class UsedTickets {
 public:
  explicit UsedTickets(size_t tickets_max = kUsedTicketsMax) : tickets_max_(tickets_max) {}

  // False: it was used before, or there are too many to remember one more.
  bool Use(uint64_t serial, std::chrono::microseconds expires_at, std::chrono::microseconds now) {
    const std::lock_guard lock(mutex_);
    while (!by_expiry_.empty() && by_expiry_.begin()->first <= now) {
      used_.erase(by_expiry_.begin()->second);
      by_expiry_.erase(by_expiry_.begin());
    }
    if (used_.size() >= tickets_max_ || !used_.insert(serial).second) return false;
    by_expiry_.emplace(expires_at, serial);
    return true;
  }
  size_t size() const {
    const std::lock_guard lock(mutex_);
    return used_.size();
  }

 private:
  const size_t tickets_max_;
  mutable std::mutex mutex_;
  absl::flat_hash_set<uint64_t> used_;
  std::multimap<std::chrono::microseconds, uint64_t> by_expiry_;
};

}  // namespace esockets::broker

#endif  // BROKER_USED_TICKETS_H_
