// What waits for one client that is behind: messages in order, each known to its subscription, so
// that a subscription can drop its oldest without a search. Thread: the loop.
#ifndef BROKER_BACKLOG_H_
#define BROKER_BACKLOG_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/counted_block.h"
#include "broker/broker_totals.h"
#include "broker/subscription.h"

namespace esockets::broker {

struct BacklogEntry {
  base::BlockSpan frame;  // shared by all clients that wait for this message
  Subscription* subscription = nullptr;
  BacklogEntry* previous = nullptr;  // in the client's order
  BacklogEntry* next = nullptr;
  BacklogEntry* next_of_subscription = nullptr;
};

// Entries at rest, and the sums over all backlogs of a loop and of the broker.
class BacklogPool {
 public:
  // REQUIRES: `totals` outlives the pool.
  explicit BacklogPool(BrokerTotals* totals) : totals_(*totals) {}
  BacklogPool(const BacklogPool&) = delete;
  BacklogPool& operator=(const BacklogPool&) = delete;
  ~BacklogPool();

  // An entry for a frame of that size, and counted as such; Return counts it out.
  BacklogEntry* Take(uint64_t frame_bytes);
  void Return(BacklogEntry* entry);

  uint64_t bytes() const { return bytes_; }
  uint64_t messages() const { return messages_; }
  // Of all loops (each adds its own without asking the others), and what limits are held against: a
  // backlog of tiny messages is mostly entries.
  uint64_t broker_memory_bytes() const {
    return totals_.backlog_memory_bytes.load(std::memory_order_relaxed);
  }

 private:
  static uint64_t MemoryBytes(uint64_t frame_bytes) { return frame_bytes + sizeof(BacklogEntry); }
  static constexpr size_t kFreeEntriesMax = 65'536;  // 4 MiB

  BrokerTotals& totals_;
  std::vector<BacklogEntry*> free_;
  uint64_t bytes_ = 0;
  uint64_t messages_ = 0;
};

class Backlog {
 public:
  explicit Backlog(BacklogPool* pool) : pool_(*pool) {}
  Backlog(const Backlog&) = delete;
  Backlog& operator=(const Backlog&) = delete;
  // REQUIRES: the subscriptions are alive.
  ~Backlog();

  void Append(Subscription* subscription, const base::BlockSpan& frame);

  // Drops the subscription's oldest message and counts it in its gap. REQUIRES: it has one.
  void DropOldest(Subscription* subscription, GapReason reason);

  // Forgets what waits for a subscription, without a gap: nobody is interested any more.
  void Forget(Subscription* subscription);

  // The next to be sent, the oldest; null: nothing waits.
  const BacklogEntry* front() const { return first_; }
  void PopFront();

  bool empty() const { return first_ == nullptr; }
  uint64_t bytes() const { return bytes_; }
  uint64_t messages() const { return messages_; }
  uint64_t memory_bytes() const { return bytes_ + messages_ * sizeof(BacklogEntry); }

 private:
  void Unlink(BacklogEntry* entry);

  BacklogPool& pool_;
  BacklogEntry* first_ = nullptr;
  BacklogEntry* last_ = nullptr;
  uint64_t bytes_ = 0;
  uint64_t messages_ = 0;
};

}  // namespace esockets::broker

#endif  // BROKER_BACKLOG_H_
