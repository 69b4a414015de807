// What waits for one client that is behind: messages in order, each known to its subscription, so
// that a subscription can drop its oldest without a search. Thread: the loop.
#ifndef BROKER_BACKLOG_H_
#define BROKER_BACKLOG_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/counted_block.h"
#include "broker/subscription.h"

namespace esockets::broker {

struct BacklogEntry {
  base::BlockSpan frame;  // shared by all clients that wait for this message
  Subscription* subscription = nullptr;
  BacklogEntry* previous = nullptr;  // in the client's order
  BacklogEntry* next = nullptr;
  BacklogEntry* next_of_subscription = nullptr;
};

// Entries at rest, and the sum over all backlogs of a loop.
class BacklogPool {
 public:
  BacklogPool() = default;
  BacklogPool(const BacklogPool&) = delete;
  BacklogPool& operator=(const BacklogPool&) = delete;
  ~BacklogPool();

  BacklogEntry* Take();
  void Return(BacklogEntry* entry);

  uint64_t bytes() const { return bytes_; }
  uint64_t messages() const { return messages_; }
  // What limits are held against: a backlog of tiny messages is mostly entries.
  uint64_t memory_bytes() const { return bytes_ + messages_ * sizeof(BacklogEntry); }

 private:
  friend class Backlog;
  static constexpr size_t kFreeEntriesMax = 65'536;  // 4 MiB

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
