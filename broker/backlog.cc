#include "broker/backlog.h"

#include <memory>

#include "base/check.h"

namespace esockets::broker {

BacklogPool::~BacklogPool() {
  for (BacklogEntry* entry : free_) delete entry;
}

BacklogEntry* BacklogPool::Take(uint64_t frame_bytes) {
  ++messages_;
  bytes_ += frame_bytes;
  totals_.backlog_memory_bytes.fetch_add(MemoryBytes(frame_bytes), std::memory_order_relaxed);
  if (free_.empty()) return new BacklogEntry;
  BacklogEntry* entry = free_.back();
  free_.pop_back();
  return entry;
}

void BacklogPool::Return(BacklogEntry* entry) {
  const uint64_t frame_bytes = entry->frame.size();
  --messages_;
  bytes_ -= frame_bytes;
  totals_.backlog_memory_bytes.fetch_sub(MemoryBytes(frame_bytes), std::memory_order_relaxed);
  if (free_.size() >= kFreeEntriesMax) {
    delete entry;
    return;
  }
  *entry = BacklogEntry();
  free_.push_back(entry);
}

Backlog::~Backlog() {
  while (!empty()) PopFront();
}

void Backlog::Append(Subscription* subscription, const base::BlockSpan& frame) {
  BacklogEntry* entry = pool_.Take(frame.size());
  entry->frame = frame;
  entry->subscription = subscription;
  entry->previous = last_;
  (last_ == nullptr ? first_ : last_->next) = entry;
  last_ = entry;

  if (!subscription->backlog) subscription->backlog = std::make_unique<SubscriptionBacklog>();
  SubscriptionBacklog& its = *subscription->backlog;
  (its.newest == nullptr ? its.oldest : its.newest->next_of_subscription) = entry;
  its.newest = entry;

  const uint64_t frame_bytes = frame.size();
  ++its.messages, ++messages_;
  its.bytes += frame_bytes, bytes_ += frame_bytes;
}

void Backlog::DropOldest(Subscription* subscription, GapReason reason) {
  SubscriptionBacklog& its = *subscription->backlog;
  const BacklogEntry* oldest = its.oldest;
  its.gap.Add(oldest->frame.size(), oldest->frame.block->TimeOf(oldest->frame.begin), reason);
  Unlink(its.oldest);
}

void Backlog::Forget(Subscription* subscription) {
  if (!subscription->backlog) return;
  while (subscription->backlog->oldest != nullptr) Unlink(subscription->backlog->oldest);
  subscription->backlog.reset();
}

void Backlog::PopFront() { Unlink(first_); }

// REQUIRES: the entry is the oldest of its subscription; the client's first one always is.
void Backlog::Unlink(BacklogEntry* entry) {
  SubscriptionBacklog& its = *entry->subscription->backlog;
  ESOCKETS_CHECK(its.oldest == entry);
  its.oldest = entry->next_of_subscription;
  if (its.oldest == nullptr) its.newest = nullptr;
  (entry->previous == nullptr ? first_ : entry->previous->next) = entry->next;
  (entry->next == nullptr ? last_ : entry->next->previous) = entry->previous;

  const uint64_t frame_bytes = entry->frame.size();
  --its.messages, --messages_;
  its.bytes -= frame_bytes, bytes_ -= frame_bytes;
  pool_.Return(entry);
}

}  // namespace esockets::broker
