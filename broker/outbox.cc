#include "broker/outbox.h"

#include <utility>

#include "base/strings.h"

namespace esockets::broker {

void Outbox::OfferBehind(const Run& run, Subscription& subscription) {
  if (backlog_ == nullptr) backlog_ = std::make_unique<Backlog>(&pool_);
  for (size_t i = 0; i < run.messages() && !closed_; ++i) {
    const base::BlockSpan& frame = run.Copy(i);
    if (MakeRoom(frame, subscription)) backlog_->Append(&subscription, frame);
  }
}

// Returns false when the message has no place: it was dropped and counted, or the session ends, as
// the subscription's contract says.
bool Outbox::MakeRoom(const base::BlockSpan& frame, Subscription& subscription) {
  while (true) {
    const Shortage shortage = ShortageFor(frame.size(), subscription);
    if (shortage == Shortage::kNone) return true;
    const GapReason reason =
        shortage == Shortage::kOfBroker ? GapReason::kBrokerMemory : GapReason::kBacklogFull;
    if (Subscription* victim = WhoGivesWay(subscription, shortage)) {
      DropOldest(*victim, reason);
      continue;
    }
    if (subscription.overflow == Overflow::kDisconnect) {
      End(subscription, shortage);
    } else {
      DropNewest(subscription, frame, reason);
    }
    return false;
  }
}

Outbox::Shortage Outbox::ShortageFor(uint64_t frame_bytes, const Subscription& subscription) const {
  const SubscriptionBacklog* its = subscription.backlog.get();
  const uint64_t messages = its == nullptr ? 0 : its->messages;
  const uint64_t bytes = its == nullptr ? 0 : its->bytes;
  if (messages + 1 > subscription.backlog_messages_max) return Shortage::kOfSubscription;
  if (bytes + frame_bytes > subscription.backlog_bytes_max) return Shortage::kOfSubscription;
  const uint64_t more = frame_bytes + sizeof(BacklogEntry);
  if (backlog_->memory_bytes() + more > limits_.backlog_bytes_max) return Shortage::kOfClient;
  if (pool_.broker_memory_bytes() + more > limits_.backlogs_bytes_max) return Shortage::kOfBroker;
  return Shortage::kNone;
}

// Whose oldest message is dropped; null: nobody's. Where the subscriptions of a client share what
// is short, it is the oldest of all: a busy one shall not starve a quiet one.
Subscription* Outbox::WhoGivesWay(Subscription& subscription, Shortage shortage) const {
  if (shortage != Shortage::kOfSubscription && !backlog_->empty()) {
    Subscription* oldest = backlog_->front()->subscription;
    if (oldest->overflow == Overflow::kDropOldest) return oldest;
  }
  const bool has_older = subscription.backlog && subscription.backlog->oldest != nullptr;
  return subscription.overflow == Overflow::kDropOldest && has_older ? &subscription : nullptr;
}

void Outbox::End(const Subscription& subscription, Shortage shortage) {
  closed_ = true;
  const SubscriptionBacklog* its = subscription.backlog.get();
  owner_.OnOverflow(base::StrCat(
      "filter ", subscription.filter, ": ", its == nullptr ? 0 : its->messages, " messages of ",
      its == nullptr ? 0 : its->bytes, " bytes waited, limits ", subscription.backlog_messages_max,
      " messages, ", subscription.backlog_bytes_max, " bytes; of the client ", backlog_->messages(),
      " messages of ", backlog_->bytes(), " bytes",
      shortage == Shortage::kOfBroker ? "; the broker's memory for backlogs is used up" : ""));
}

void Outbox::DropOldest(Subscription& subscription, GapReason reason) {
  CountDrop(subscription, subscription.backlog->oldest->frame.size());
  backlog_->DropOldest(&subscription, reason);
}

// Only of a subscription of which nothing waits: the hole is in front of what it waits for next.
void Outbox::DropNewest(Subscription& subscription, const base::BlockSpan& frame,
                        GapReason reason) {
  CountDrop(subscription, frame.size())
      .gap.Add(frame.size(), frame.block->TimeOf(frame.begin), reason);
}

SubscriptionBacklog& Outbox::CountDrop(Subscription& subscription, uint64_t frame_bytes) {
  if (!subscription.backlog) subscription.backlog = std::make_unique<SubscriptionBacklog>();
  SubscriptionBacklog& its = *subscription.backlog;
  if (its.gap.empty()) {
    its.untold_slot = untold_gaps_.size();
    untold_gaps_.push_back(&subscription);
  }
  metrics_.dropped_messages_total.Add();
  metrics_.dropped_bytes_total.Add(frame_bytes);
  ++dropped_messages_total_;
  dropped_bytes_total_ += frame_bytes;
  ++subscription.dropped_messages_total;
  subscription.dropped_bytes_total += frame_bytes;
  return its;
}

void Outbox::Drain() {
  // A delivery may flush, and hear within it that the socket takes more.
  if (backlog_ == nullptr || closed_ || draining_) return;
  draining_ = true;
  const bool caught_up = DeliverBacklog();
  draining_ = false;
  if (!caught_up) return;
  while (!untold_gaps_.empty()) {
    Subscription& subscription = *untold_gaps_.back();
    TellGap(subscription);
    subscription.backlog.reset();
  }
  backlog_.reset();
}

// Returns false when the client is behind again, or has gone.
bool Outbox::DeliverBacklog() {
  while (const BacklogEntry* entry = backlog_->front()) {
    Subscription& subscription = *entry->subscription;
    if (!subscription.backlog->gap.empty()) TellGap(subscription);
    if (!sink_.TryDeliver(entry->frame, limits_.high_watermark_bytes)) return false;
    Count(1, subscription);
    backlog_->PopFront();
    if (subscription.backlog->messages == 0) subscription.backlog.reset();
  }
  return true;
}

void Outbox::TellGap(Subscription& subscription) {
  ForgetGap(subscription);
  owner_.SendGap(subscription, std::exchange(subscription.backlog->gap, Gap()));
}

void Outbox::ForgetGap(Subscription& subscription) {
  const size_t slot = subscription.backlog->untold_slot;
  untold_gaps_[slot] = untold_gaps_.back();
  untold_gaps_[slot]->backlog->untold_slot = slot;
  untold_gaps_.pop_back();
}

void Outbox::Close() {
  closed_ = true;
  if (backlog_ == nullptr) return;
  backlog_.reset();
  for (Subscription* subscription : untold_gaps_) subscription->backlog.reset();
  untold_gaps_.clear();
}

void Outbox::Forget(Subscription* subscription) {
  if (!subscription->backlog) return;
  if (!subscription->backlog->gap.empty()) ForgetGap(*subscription);
  backlog_->Forget(subscription);
}

}  // namespace esockets::broker
