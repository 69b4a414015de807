#include "broker/outbox.h"

#include <utility>

#include "base/strings.h"

namespace esockets::broker {

void Outbox::OfferBehind(const Run& run, Subscription& subscription, const OutboxContext& context) {
  if (lag_ == nullptr) lag_ = std::make_unique<Lag>(&context);
  behind_ = true;
  for (const base::BlockSpan& frame : run.Copies()) {
    if (closed_) return;
    if (MakeRoom(frame, subscription)) lag_->backlog.Append(&subscription, frame);
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
  const Limits& limits = *lag_->context.limits;
  if (lag_->backlog.memory_bytes() + more > limits.backlog_bytes_max) return Shortage::kOfClient;
  if (lag_->context.pool->broker_memory_bytes() + more > limits.backlogs_bytes_max) {
    return Shortage::kOfBroker;
  }
  return Shortage::kNone;
}

// Whose oldest message is dropped; null: nobody's. Where the subscriptions of a client share what
// is short, it is the oldest of all: a busy one shall not starve a quiet one.
Subscription* Outbox::WhoGivesWay(Subscription& subscription, Shortage shortage) const {
  if (shortage != Shortage::kOfSubscription && !lag_->backlog.empty()) {
    Subscription* oldest = lag_->backlog.front()->subscription;
    if (oldest->overflow == Overflow::kDropOldest) return oldest;
  }
  const bool has_older = subscription.backlog && subscription.backlog->oldest != nullptr;
  return subscription.overflow == Overflow::kDropOldest && has_older ? &subscription : nullptr;
}

void Outbox::End(const Subscription& subscription, Shortage shortage) {
  closed_ = true;
  const SubscriptionBacklog* its = subscription.backlog.get();
  sink_.session_events().OnOverflow(base::StrCat(
      "filter ", subscription.filter, ": ", its == nullptr ? 0 : its->messages, " messages of ",
      its == nullptr ? 0 : its->bytes, " bytes waited, limits ", subscription.backlog_messages_max,
      " messages, ", subscription.backlog_bytes_max, " bytes; of the client ",
      lag_->backlog.messages(), " messages of ", lag_->backlog.bytes(), " bytes",
      shortage == Shortage::kOfBroker ? "; the broker's memory for backlogs is used up" : ""));
}

void Outbox::DropOldest(Subscription& subscription, GapReason reason) {
  CountDrop(subscription, subscription.backlog->oldest->frame.size());
  lag_->backlog.DropOldest(&subscription, reason);
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
    its.untold_slot = lag_->untold_gaps.size();
    lag_->untold_gaps.push_back(&subscription);
  }
  lag_->context.metrics->dropped_messages_total.Add();
  lag_->context.metrics->dropped_bytes_total.Add(frame_bytes);
  ++lag_->dropped_messages_total;
  lag_->dropped_bytes_total += frame_bytes;
  ++its.dropped_messages_total;
  its.dropped_bytes_total += frame_bytes;
  return its;
}

void Outbox::Drain() {
  // A delivery may flush, and hear within it that the socket takes more.
  if (!behind_ || closed_ || draining_) return;
  draining_ = true;
  if (DeliverBacklog()) CatchUp();
  draining_ = false;
}

void Outbox::CatchUp() {
  while (!lag_->untold_gaps.empty()) {
    Subscription& subscription = *lag_->untold_gaps.back();
    TellGap(subscription);
    subscription.ClearBacklog();
  }
  behind_ = false;
  if (lag_->dropped_messages_total == 0) lag_.reset();
}

// Returns false when the client is behind again, or has gone.
bool Outbox::DeliverBacklog() {
  while (const BacklogEntry* entry = lag_->backlog.front()) {
    Subscription& subscription = *entry->subscription;
    if (!subscription.backlog->gap.empty()) TellGap(subscription);
    if (!sink_.TryDeliver(entry->frame, lag_->context.limits->high_watermark_bytes)) return false;
    Count(1, subscription, lag_->context);
    lag_->backlog.PopFront();
    if (subscription.backlog->messages == 0) subscription.ClearBacklog();
  }
  return true;
}

void Outbox::TellGap(Subscription& subscription) {
  ForgetGap(subscription);
  sink_.session_events().SendGap(subscription, std::exchange(subscription.backlog->gap, Gap()));
}

void Outbox::ForgetGap(Subscription& subscription) {
  const size_t slot = subscription.backlog->untold_slot;
  std::vector<Subscription*>& untold = lag_->untold_gaps;
  untold[slot] = untold.back();
  untold[slot]->backlog->untold_slot = slot;
  untold.pop_back();
}

void Outbox::Close() {
  closed_ = true;
  behind_ = false;
  if (lag_ == nullptr) return;
  while (!lag_->backlog.empty()) lag_->backlog.PopFront();
  for (Subscription* subscription : lag_->untold_gaps) subscription->backlog.reset();
  lag_->untold_gaps.clear();
}

void Outbox::Forget(Subscription* subscription) {
  if (!subscription->backlog) return;
  if (!subscription->backlog->gap.empty()) ForgetGap(*subscription);
  lag_->backlog.Forget(subscription);
}

}  // namespace esockets::broker
