// Who has something to send: flushed first in, first out, in slices of a bounded time, so that a
// large fan-out does not keep the loop from its sockets. What arrives between two slices joins the
// queues that have not been flushed yet and leaves in the same send. What is for a few goes in
// front of what is for many: it does not wait for a fan-out to thousands. Thread: the loop.
#ifndef SERVER_FLUSH_LIST_H_
#define SERVER_FLUSH_LIST_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/histogram.h"
#include "base/on_loop.h"
#include "server/event_handler.h"
#include "server/send_queue.h"

namespace esockets::server {

// Who has something to send through the descriptor that it watches.
class Flushable : public EventHandler {
 public:
  void OnEvents(uint32_t /*events*/) override ESOCKETS_ON_LOOP {}

  // One send. Returns true when it has more to send and the socket did not refuse: it stays listed.
  virtual bool FlushOnce() ESOCKETS_ON_LOOP = 0;

  // When the oldest of what it has to send was written; zero: not known.
  virtual base::TimePoint OldestUnsent() const ESOCKETS_ON_LOOP { return {}; }

  // The two halves of a look through all who wait: SendQueue.
  virtual void CountWaiting(const CopyOutLook& look) ESOCKETS_ON_LOOP = 0;
  virtual void CopyOutOld(const CopyOutLook& look) ESOCKETS_ON_LOOP = 0;

 protected:
  ~Flushable() = default;

 private:
  friend class FlushList;
  friend class StalledList;
  int flush_slot_ = -1;    // where in the flush list; -1: not listed
  int stalled_slot_ = -1;  // where in the stalled list; -1: not listed
};

// In front of those that share with many what they send, or in turn with them.
enum class FlushRank : uint8_t { kFirst, kInTurn };

class FlushList {
 public:
  // Lists it for the next slice; no effect if it is listed with that rank or a higher one.
  void Add(Flushable* flushable, FlushRank rank = FlushRank::kInTurn);

  // Takes it off the list. REQUIRED before it dies.
  void Remove(Flushable* flushable);

  // Flushes each that was listed when the slice began, at most once, for about `slice`: those of
  // the first rank for half of it, if others wait. Returns true when some remain.
  bool FlushSlice(const base::Clock& clock, base::Duration slice) ESOCKETS_ON_LOOP;

  bool empty() const { return first_.empty() && in_turn_.empty(); }

  // Microseconds from the turn in which bytes were read to when the kernel has taken them; of the
  // first send of a slice, and of one in kSendsPerClockCheck. Thread: any may read.
  const base::Histogram& waits_us() const { return waits_us_; }

 private:
  // First in, first out; entries know their slots.
  class Queue {
   public:
    explicit Queue(int slot_bits) : slot_bits_(slot_bits) {}
    void Push(Flushable* flushable);
    void Erase(Flushable* flushable);
    // Null: behind it there is nothing more of what was here at MarkEnd.
    Flushable* Pop();
    void MarkEnd() { end_ = entries_.size(); }
    // Moves the rest to the front once the flushed part is the larger one: each entry moves at most
    // once for each one flushed.
    void Compact();
    bool empty() const { return live_ == 0; }

   private:
    const int slot_bits_;
    std::vector<Flushable*> entries_;  // from next_ on; null: removed
    size_t next_ = 0;
    size_t end_ = 0;
    size_t live_ = 0;
  };

  // Of a slot: the entry is in first_.
  static constexpr int kFirstBit = 1 << 30;

  void FlushQueue(Queue* queue, FlushRank rank, const base::Clock& clock,
                  base::TimePoint deadline) ESOCKETS_ON_LOOP;

  base::Histogram waits_us_;
  Queue first_{kFirstBit};
  Queue in_turn_{0};
};

}  // namespace esockets::server

#endif  // SERVER_FLUSH_LIST_H_
