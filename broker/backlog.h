// What waits for one client that is behind: messages in order, each known to its subscription, so
// that a subscription can drop its oldest without a search. Thread: the loop.
#ifndef BROKER_BACKLOG_H_
#define BROKER_BACKLOG_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/metrics.h"
#include "base/on_loop.h"
#include "base/ref_counted.h"
#include "broker/backlog_entry.h"
#include "broker/broker_totals.h"
#include "broker/limits.h"
#include "broker/subscription.h"

namespace esockets::broker {

// Hears that what waits has come near to what may wait in the whole broker.
class BacklogPressure {
 public:
  virtual void OnPressure() ESOCKETS_ON_LOOP = 0;

 protected:
  ~BacklogPressure() = default;
};

// Entries at rest, and the sums over all backlogs of a loop and of the broker.
class BacklogPool {
 public:
  // REQUIRES: `totals` outlives the pool.
  explicit BacklogPool(BrokerTotals* totals) : totals_(*totals) {}
  BacklogPool(const BacklogPool&) = delete;
  BacklogPool& operator=(const BacklogPool&) = delete;
  ~BacklogPool();

  // An entry for the message, counted; Return counts it out.
  BacklogEntry* Take(const base::RefPtr<WaitingMessage>& message);
  void Return(BacklogEntry* entry);
  // Another message in the entry.
  void Exchange(BacklogEntry* entry, const base::RefPtr<WaitingMessage>& message);

  // Thread: any.
  uint64_t bytes() const { return bytes_.value(); }
  uint64_t messages() const { return messages_.value(); }
  // What waits elsewhere, of one message.
  void CountIn(uint64_t frame_bytes, uint64_t memory_bytes);
  void CountOut(uint64_t frame_bytes, uint64_t memory_bytes);

  // Of all loops (each adds its own without asking the others), and what limits are held against: a
  // backlog of tiny messages is mostly entries.
  uint64_t broker_memory_bytes() const {
    return totals_.backlog_memory_bytes.load(std::memory_order_relaxed);
  }

  // Comes what waits near to its limit, or the process to its own? `bytes_max`: of the broker.
  bool IsShort(uint64_t bytes_max) const {
    return broker_memory_bytes() > ShedAboveBytes(bytes_max) ||
           totals_.IsShortOfMemory(MemoryLevel::kCutBacklogs);
  }

  // To be called when something waits that did not before. `bytes_max`: of the broker.
  void CheckPressure(uint64_t bytes_max) ESOCKETS_ON_LOOP {
    if (pressure_ == nullptr || broker_memory_bytes() <= ShedAboveBytes(bytes_max)) return;
    pressure_->OnPressure();
  }
  // May be null.
  void set_pressure(BacklogPressure* pressure) { pressure_ = pressure; }

 private:
  void CountIn(const WaitingMessage& message);
  void CountOut(const WaitingMessage& message);
  static constexpr size_t kFreeEntriesMax = 65'536;  // 4 MiB

  BrokerTotals& totals_;
  BacklogPressure* pressure_ = nullptr;
  std::vector<BacklogEntry*> free_;
  base::Counter bytes_;
  base::Counter messages_;
};

class Backlog {
 public:
  explicit Backlog(BacklogPool* pool) : pool_(*pool) {}
  Backlog(const Backlog&) = delete;
  Backlog& operator=(const Backlog&) = delete;
  // REQUIRES: the subscriptions are alive.
  ~Backlog();

  // Behind all that waits. What the subscription has lost since its newest stands in front of it
  // now; under CONFLATE that is told when nothing waits any more.
  void Append(Subscription* subscription, const base::RefPtr<WaitingMessage>& message);

  // Puts a newer message in the place of one that has its topic and key, which is lost.
  void Replace(BacklogEntry* entry, const base::RefPtr<WaitingMessage>& message);

  // Drops a message that waits: the hole is where it stood.
  void Drop(BacklogEntry* entry, GapReason reason);

  // A message that found no place: the hole is behind all that waits for the subscription.
  void Refuse(Subscription* subscription, const WaitingMessage& message, GapReason reason);

  // Forgets a message that waits, without a gap.
  void Forget(BacklogEntry* entry);
  // Forgets a subscription: what waits for it, without a gap. Nobody is interested any more.
  void Forget(Subscription* subscription);

  // The next to be sent, the oldest; null: nothing waits.
  BacklogEntry* front() { return first_; }
  const BacklogEntry* front() const { return first_; }
  // The newest; null: nothing waits.
  BacklogEntry* back() { return last_; }
  void PopFront() { Unlink(first_); }

  // A subscription that has lost something behind its newest message; null: none.
  Subscription* untold() const { return untold_.empty() ? nullptr : untold_.back(); }
  // What it has lost there, which is told with that.
  Gap TakeGap(Subscription* subscription);

  // Forgets everything, gaps as well.
  void Clear();

  bool empty() const { return first_ == nullptr; }
  uint64_t bytes() const { return bytes_; }
  uint64_t messages() const { return messages_; }
  // With the memory of the entries, and all that holds the messages.
  uint64_t memory_bytes() const { return memory_bytes_; }
  static uint64_t MemoryBytes(const WaitingMessage& message) {
    return message.memory_bytes() + kBacklogEntryMemoryBytes;
  }

 private:
  static void NoteGone(const BacklogEntry& entry);
  void Link(BacklogEntry* entry);
  void Unlink(BacklogEntry* entry);
  void AddGap(Subscription* subscription, BacklogEntry* behind, const Gap& gap);

  BacklogPool& pool_;
  BacklogEntry* first_ = nullptr;
  BacklogEntry* last_ = nullptr;
  uint64_t bytes_ = 0;
  uint64_t memory_bytes_ = 0;
  uint64_t messages_ = 0;
  std::vector<Subscription*> untold_;  // each once
};

}  // namespace esockets::broker

#endif  // BROKER_BACKLOG_H_
