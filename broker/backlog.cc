#include "broker/backlog.h"

#include <memory>
#include <utility>

namespace esockets::broker {

using base::RefPtr;

BacklogPool::~BacklogPool() {
  for (BacklogEntry* entry : free_) delete entry;
}

void BacklogPool::CountIn(const WaitingMessage& message) {
  CountIn(message.bytes(), Backlog::MemoryBytes(message));
}

void BacklogPool::CountOut(const WaitingMessage& message) {
  CountOut(message.bytes(), Backlog::MemoryBytes(message));
}

void BacklogPool::CountIn(uint64_t frame_bytes, uint64_t memory_bytes) {
  messages_.Add();
  bytes_.Add(frame_bytes);
  totals_.backlog_memory_bytes.fetch_add(memory_bytes, std::memory_order_relaxed);
}

void BacklogPool::CountOut(uint64_t frame_bytes, uint64_t memory_bytes) {
  messages_.Subtract(1);
  bytes_.Subtract(frame_bytes);
  totals_.backlog_memory_bytes.fetch_sub(memory_bytes, std::memory_order_relaxed);
}

BacklogEntry* BacklogPool::Take(const RefPtr<WaitingMessage>& message) {
  CountIn(*message);
  BacklogEntry* entry = nullptr;
  if (free_.empty()) {
    entry = new BacklogEntry;
  } else {
    entry = free_.back();
    free_.pop_back();
  }
  entry->message = message;
  return entry;
}

void BacklogPool::Return(BacklogEntry* entry) {
  CountOut(*entry->message);
  if (free_.size() >= kFreeEntriesMax) {
    delete entry;
    return;
  }
  *entry = BacklogEntry();
  free_.push_back(entry);
}

void BacklogPool::Exchange(BacklogEntry* entry, const RefPtr<WaitingMessage>& message) {
  CountOut(*entry->message);
  CountIn(*message);
  entry->message = message;
}

Backlog::~Backlog() { Clear(); }

void Backlog::Append(Subscription* subscription, const RefPtr<WaitingMessage>& message) {
  BacklogEntry* entry = pool_.Take(message);
  entry->subscription = subscription;
  if (!subscription->backlog) subscription->backlog = std::make_unique<SubscriptionBacklog>();
  SubscriptionBacklog& its = *subscription->backlog;
  if (subscription->overflow == Overflow::kConflate) {
    if (!its.latest) its.latest = std::make_unique<ConflationIndex>();
    its.latest->Add(entry);
  } else if (!its.gap.empty()) {
    entry->gap = std::make_unique<Gap>(TakeGap(subscription));
  }
  Link(entry);
}

void Backlog::Replace(BacklogEntry* entry, const RefPtr<WaitingMessage>& message) {
  Gap gap;
  gap.Add(entry->message->bytes(), entry->message->time(), GapReason::kConflated);
  const uint64_t more_bytes = uint64_t{message->bytes()} - entry->message->bytes();
  entry->subscription->backlog->bytes += more_bytes;  // modulo 2^64: it may be less
  bytes_ += more_bytes;
  memory_bytes_ += message->memory_bytes() - entry->message->memory_bytes();
  // The index still finds it: topic and key are the same.
  pool_.Exchange(entry, message);
  AddGap(entry->subscription, nullptr, gap);
}

void Backlog::Drop(BacklogEntry* entry, GapReason reason) {
  Gap gap = entry->gap ? *entry->gap : Gap();
  gap.Add(entry->message->bytes(), entry->message->time(), reason);
  Subscription* subscription = entry->subscription;
  BacklogEntry* behind = entry->next_of_subscription;
  Unlink(entry);
  AddGap(subscription, behind, gap);
}

void Backlog::Refuse(Subscription* subscription, const WaitingMessage& message, GapReason reason) {
  Gap gap;
  gap.Add(message.bytes(), message.time(), reason);
  if (!subscription->backlog) subscription->backlog = std::make_unique<SubscriptionBacklog>();
  AddGap(subscription, nullptr, gap);
}

// In front of the message `behind`; null: behind all that waits for the subscription.
void Backlog::AddGap(Subscription* subscription, BacklogEntry* behind, const Gap& gap) {
  if (behind != nullptr && subscription->overflow != Overflow::kConflate) {
    if (!behind->gap) behind->gap = std::make_unique<Gap>();
    behind->gap->Add(gap);
    return;
  }
  SubscriptionBacklog& its = *subscription->backlog;
  if (its.gap.empty()) {
    its.untold_slot = untold_.size();
    untold_.push_back(subscription);
  }
  its.gap.Add(gap);
}

Gap Backlog::TakeGap(Subscription* subscription) {
  const size_t slot = subscription->backlog->untold_slot;
  untold_[slot] = untold_.back();
  untold_[slot]->backlog->untold_slot = slot;
  untold_.pop_back();
  return std::exchange(subscription->backlog->gap, Gap());
}

void Backlog::Forget(BacklogEntry* entry) {
  NoteGone(*entry);
  // What was lost in front of it is lost in front of the next.
  if (entry->gap) AddGap(entry->subscription, entry->next_of_subscription, *entry->gap);
  Unlink(entry);
}

void Backlog::Forget(Subscription* subscription) {
  if (!subscription->backlog) return;
  while (BacklogEntry* entry = subscription->backlog->oldest) {
    NoteGone(*entry);
    Unlink(entry);
  }
  if (!subscription->backlog->gap.empty()) TakeGap(subscription);
  subscription->backlog.reset();
}

void Backlog::NoteGone(const BacklogEntry& entry) {
  if (entry.message->receipt() != nullptr) entry.message->receipt()->OnGone();
}

void Backlog::Clear() {
  while (!empty()) {
    NoteGone(*first_);
    PopFront();
  }
  for (Subscription* subscription : untold_) subscription->backlog.reset();
  untold_.clear();
}

void Backlog::Link(BacklogEntry* entry) {
  SubscriptionBacklog& its = *entry->subscription->backlog;
  entry->previous = last_;
  (last_ == nullptr ? first_ : last_->next) = entry;
  last_ = entry;
  entry->previous_of_subscription = its.newest;
  (its.newest == nullptr ? its.oldest : its.newest->next_of_subscription) = entry;
  its.newest = entry;

  const uint64_t bytes = entry->message->bytes();
  ++its.messages, ++messages_;
  its.bytes += bytes, bytes_ += bytes;
  memory_bytes_ += MemoryBytes(*entry->message);
}

void Backlog::Unlink(BacklogEntry* entry) {
  SubscriptionBacklog& its = *entry->subscription->backlog;
  if (its.latest) its.latest->Remove(entry);
  BacklogEntry* const previous = entry->previous_of_subscription;
  BacklogEntry* const next = entry->next_of_subscription;
  (previous == nullptr ? its.oldest : previous->next_of_subscription) = next;
  (next == nullptr ? its.newest : next->previous_of_subscription) = previous;
  (entry->previous == nullptr ? first_ : entry->previous->next) = entry->next;
  (entry->next == nullptr ? last_ : entry->next->previous) = entry->previous;

  const uint64_t bytes = entry->message->bytes();
  --its.messages, --messages_;
  its.bytes -= bytes, bytes_ -= bytes;
  memory_bytes_ -= MemoryBytes(*entry->message);
  pool_.Return(entry);
}

}  // namespace esockets::broker
