#include "server/stalled_list.h"

namespace esockets::server {

void StalledList::Add(Flushable* stalled) {
  if (stalled->stalled_slot_ >= 0) return;
  stalled->stalled_slot_ = static_cast<int>(stalled_.size());
  stalled_.push_back(stalled);
}

void StalledList::Remove(Flushable* stalled) {
  if (stalled->stalled_slot_ < 0) return;
  const auto slot = static_cast<size_t>(stalled->stalled_slot_);
  stalled_[slot] = stalled_.back();
  stalled_[slot]->stalled_slot_ = static_cast<int>(slot);
  stalled_.pop_back();
  stalled->stalled_slot_ = -1;
}

void StalledList::CopyOutWhereDue(base::TimePoint now, size_t arena_bytes) {
  if (arena_bytes < kArenaBytesMax) arena_bytes_threshold_ = kArenaBytesMax;
  if (stalled_.empty()) return;
  if (arena_bytes > arena_bytes_threshold_) {
    arena_bytes_threshold_ = 2 * arena_bytes;
    CopyOut(base::TimePoint::max());
  } else if (now >= next_look_) {
    next_look_ = now + kChunkAgeMax / 2;
    CopyOut(now - kChunkAgeMax);
  }
}

void StalledList::CopyOut(base::TimePoint opened_before) {
  if (++looks_ == 0) ++looks_;  // zero is what a block begins with
  const CopyOutLook look{looks_, opened_before};
  for (Flushable* stalled : stalled_) stalled->CountWaiting(look);
  for (Flushable* stalled : stalled_) stalled->CopyOutOld(look);
}

}  // namespace esockets::server
