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
  GapReason reason = GapReason::kBacklogFull;
  while (OverLimit(frame.size(), subscription, &reason)) {
    if (subscription.overflow == Overflow::kDisconnect) {
      closed_ = true;
      owner_.OnOverflow(base::StrCat("filter ", subscription.filter, ": ", backlog_->messages(),
                                     " messages of ", backlog_->bytes(), " bytes waited; limits ",
                                     subscription.backlog_messages_max, " messages, ",
                                     subscription.backlog_bytes_max, " bytes"));
      return false;
    }
    if (!DropOneFor(frame, subscription, reason)) return false;
  }
  return true;
}

bool Outbox::OverLimit(uint64_t frame_bytes, const Subscription& subscription,
                       GapReason* reason) const {
  const SubscriptionBacklog* its = subscription.backlog.get();
  const uint64_t messages = its == nullptr ? 0 : its->messages;
  const uint64_t bytes = its == nullptr ? 0 : its->bytes;
  *reason = GapReason::kBacklogFull;
  if (messages + 1 > subscription.backlog_messages_max) return true;
  if (bytes + frame_bytes > subscription.backlog_bytes_max) return true;
  if (backlog_->bytes() + frame_bytes > limits_.backlog_bytes_max) return true;
  *reason = GapReason::kBrokerMemory;
  return pool_.bytes() + frame_bytes > limits_.backlogs_bytes_max;
}

bool Outbox::DropOneFor(const base::BlockSpan& frame, Subscription& subscription,
                        GapReason reason) {
  if (!subscription.backlog) subscription.backlog = std::make_unique<SubscriptionBacklog>();
  SubscriptionBacklog& its = *subscription.backlog;
  if (its.gap.empty()) untold_gaps_.push_back(&subscription);
  const bool has_older = its.oldest != nullptr;
  const uint64_t dropped_bytes = has_older ? its.oldest->frame.size() : frame.size();
  metrics_.dropped_messages_total.Add();
  metrics_.dropped_bytes_total.Add(dropped_bytes);
  ++dropped_messages_total_;
  dropped_bytes_total_ += dropped_bytes;
  ++subscription.dropped_messages_total;
  subscription.dropped_bytes_total += dropped_bytes;
  // Either way the hole is in front of everything that the subscription still waits for.
  if (has_older) {
    backlog_->DropOldest(&subscription, reason);
  } else {
    its.gap.Add(frame.size(), frame.block->TimeOf(frame.begin), reason);
  }
  return has_older;
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
  owner_.SendGap(subscription, std::exchange(subscription.backlog->gap, Gap()));
  std::erase(untold_gaps_, &subscription);
}

void Outbox::Close() {
  closed_ = true;
  if (backlog_ == nullptr) return;
  backlog_.reset();
  for (Subscription* subscription : untold_gaps_) subscription->backlog.reset();
  untold_gaps_.clear();
}

void Outbox::Forget(Subscription* subscription) {
  std::erase(untold_gaps_, subscription);
  if (backlog_ != nullptr) backlog_->Forget(subscription);
  subscription->backlog.reset();
}

}  // namespace esockets::broker
