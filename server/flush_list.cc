#include "server/flush_list.h"

#include "server/limits.h"

namespace esockets::server {

void FlushList::Add(Flushable* flushable, FlushRank rank) {
  const bool is_listed = flushable->flush_slot_ >= 0;
  if (rank == FlushRank::kInTurn) {
    if (!is_listed) in_turn_.Push(flushable);
    return;
  }
  if (is_listed && (flushable->flush_slot_ & kFirstBit) != 0) return;
  if (is_listed) in_turn_.Erase(flushable);
  first_.Push(flushable);
}

void FlushList::Remove(Flushable* flushable) {
  if (flushable->flush_slot_ < 0) return;
  const bool is_first = (flushable->flush_slot_ & kFirstBit) != 0;
  (is_first ? first_ : in_turn_).Erase(flushable);
}

bool FlushList::FlushSlice(const base::Clock& clock, base::Duration slice) {
  first_.MarkEnd();
  in_turn_.MarkEnd();
  if (!empty()) {
    const base::TimePoint begin = clock.Now();
    const base::Duration for_first = in_turn_.empty() ? slice : slice / 2;
    if (!first_.empty()) FlushQueue(&first_, FlushRank::kFirst, clock, begin + for_first);
    if (!in_turn_.empty()) FlushQueue(&in_turn_, FlushRank::kInTurn, clock, begin + slice);
  }
  first_.Compact();
  in_turn_.Compact();
  return !empty();
}

void FlushList::FlushQueue(Queue* queue, FlushRank rank, const base::Clock& clock,
                           base::TimePoint deadline) {
  for (int sends = 0; Flushable* flushable = queue->Pop(); ++sends) {
    const bool looks = sends % kSendsPerClockCheck == 0;
    const base::TimePoint oldest = looks ? flushable->OldestUnsent() : base::TimePoint();
    if (flushable->FlushOnce()) Add(flushable, rank);
    if (!looks) continue;
    const base::TimePoint now = clock.Now();
    if (oldest != base::TimePoint()) waits_us_.Record(base::Micros(now - oldest));
    if (now >= deadline) return;
  }
}

void FlushList::Queue::Push(Flushable* flushable) {
  flushable->flush_slot_ = static_cast<int>(entries_.size()) | slot_bits_;
  entries_.push_back(flushable);
  ++live_;
}

void FlushList::Queue::Erase(Flushable* flushable) {
  entries_[static_cast<size_t>(flushable->flush_slot_ & ~slot_bits_)] = nullptr;
  flushable->flush_slot_ = -1;
  --live_;
}

Flushable* FlushList::Queue::Pop() {
  while (next_ < end_) {
    Flushable* const flushable = entries_[next_++];
    if (flushable == nullptr) continue;
    flushable->flush_slot_ = -1;
    --live_;
    return flushable;
  }
  return nullptr;
}

void FlushList::Queue::Compact() {
  if (next_ < entries_.size() && next_ < entries_.size() / 2) return;
  size_t kept = 0;
  for (; next_ < entries_.size() && live_ > 0; ++next_) {
    if (entries_[next_] == nullptr) continue;
    entries_[next_]->flush_slot_ = static_cast<int>(kept) | slot_bits_;
    entries_[kept++] = entries_[next_];
  }
  entries_.resize(kept);
  next_ = 0;
}

}  // namespace esockets::server
