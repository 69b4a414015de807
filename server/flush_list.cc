#include "server/flush_list.h"

#include "server/limits.h"

namespace esockets::server {

void FlushList::Add(Flushable* flushable) {
  if (flushable->flush_slot_ >= 0) return;
  flushable->flush_slot_ = static_cast<int>(queue_.size());
  queue_.push_back(flushable);
  ++live_;
}

void FlushList::Remove(Flushable* flushable) {
  if (flushable->flush_slot_ < 0) return;
  queue_[static_cast<size_t>(flushable->flush_slot_)] = nullptr;
  flushable->flush_slot_ = -1;
  --live_;
}

bool FlushList::FlushSlice(const base::Clock& clock, base::Duration slice) {
  if (empty()) {
    queue_.clear();  // holes of those that were removed
    next_ = 0;
    return false;
  }
  const base::TimePoint deadline = clock.Now() + slice;
  const size_t end = queue_.size();
  int sends = 0;
  while (next_ < end) {
    Flushable* flushable = queue_[next_++];
    if (flushable == nullptr) continue;
    flushable->flush_slot_ = -1;
    --live_;
    if (flushable->FlushOnce()) Add(flushable);
    if (++sends % kSendsPerClockCheck == 0 && clock.Now() >= deadline) break;
  }
  Compact();
  return !empty();
}

// Moves the rest to the front once the flushed part is the larger one: each entry moves at most
// once for each one flushed.
void FlushList::Compact() {
  if (next_ < queue_.size() && next_ < queue_.size() / 2) return;
  size_t kept = 0;
  for (; next_ < queue_.size(); ++next_) {
    if (queue_[next_] == nullptr) continue;
    queue_[next_]->flush_slot_ = static_cast<int>(kept);
    queue_[kept++] = queue_[next_];
  }
  queue_.resize(kept);
  next_ = 0;
}

}  // namespace esockets::server
