#include "broker/outbox.h"

#include <chrono>
#include <string>
#include <utility>

#include "base/strings.h"

namespace esockets::broker {

void Outbox::OfferBehind(const Run& run, Subscription& subscription, const OutboxContext& context) {
  if (closed_) {
    if (run.receipt() != nullptr) run.receipt()->OnGone();
    return;
  }
  if (lag_ == nullptr) lag_ = std::make_unique<Lag>(&context);
  if (!std::exchange(behind_, true)) sink_.session_events().OnBehind();
  for (const auto& message : run.Waiting(*context.wire_form)) {
    if (closed_) return;
    Wait(message, subscription);
  }
  context.pool->CheckPressure(context.limits->backlogs_bytes_max);
}

void Outbox::Wait(const base::RefPtr<WaitingMessage>& message, Subscription& subscription) {
  if (subscription.overflow == Overflow::kConflate && TakesPlace(message, subscription)) return;
  if (MakeRoom(*message, subscription)) lag_->backlog.Append(&subscription, message);
}

// Does it replace one of its topic and key that waits? One that is larger than there is room for is
// treated as any other, and the older one is dropped for it.
bool Outbox::TakesPlace(const base::RefPtr<WaitingMessage>& message, Subscription& subscription) {
  if (!subscription.backlog || !subscription.backlog->latest) return false;
  BacklogEntry* older = subscription.backlog->latest->Find(message->label());
  if (older == nullptr) return false;
  CountDrop(subscription, *older->message, GapReason::kConflated);
  if (Fits(*message, *older->message, subscription)) {
    lag_->backlog.Replace(older, message);
    return true;
  }
  lag_->backlog.Drop(older, GapReason::kConflated);
  return false;
}

// Returns false when the message has no place: it was dropped and counted, or the session ends, as
// the subscription's contract says.
bool Outbox::MakeRoom(const WaitingMessage& message, Subscription& subscription) {
  while (true) {
    const BacklogEntry* oldest = subscription.backlog ? subscription.backlog->oldest : nullptr;
    const auto worthless = oldest != nullptr ? Worthless(*oldest) : std::nullopt;
    if (worthless) {
      Drop(subscription.backlog->oldest, *worthless);
      continue;
    }
    const Shortage shortage = ShortageFor(message, subscription);
    if (shortage == Shortage::kNone) return true;
    const GapReason reason = ReasonOf(shortage);
    if (BacklogEntry* victim = WhoGivesWay(subscription, shortage)) {
      Drop(victim, reason);
      continue;
    }
    if (subscription.overflow == Overflow::kDisconnect) {
      if (message.receipt() != nullptr) message.receipt()->OnGone();
      End(subscription, shortage);
    } else {
      Refuse(message, subscription, reason);
    }
    return false;
  }
}

GapReason Outbox::ReasonOf(Shortage shortage) {
  if (shortage == Shortage::kOfBroker) return GapReason::kBrokerMemory;
  return shortage == Shortage::kOfAge ? GapReason::kTooOld : GapReason::kBacklogFull;
}

Outbox::Shortage Outbox::ShortageFor(const WaitingMessage& message,
                                     const Subscription& subscription) const {
  const SubscriptionBacklog* its = subscription.backlog.get();
  const uint64_t messages = its == nullptr ? 0 : its->messages;
  const uint64_t bytes = its == nullptr ? 0 : its->bytes;
  if (messages > 0 && subscription.IsTooOld(*its->oldest->message, now())) return Shortage::kOfAge;
  if (messages + 1 > subscription.max.messages) return Shortage::kOfSubscription;
  if (bytes + message.bytes() > subscription.max.bytes) return Shortage::kOfSubscription;
  return ShortageOfMemory(Backlog::MemoryBytes(message));
}

Outbox::Shortage Outbox::ShortageOfMemory(uint64_t more_bytes) const {
  const Limits& limits = *lag_->context.limits;
  if (lag_->backlog.memory_bytes() + more_bytes > limits.backlog_bytes_max) {
    return Shortage::kOfClient;
  }
  if (lag_->context.pool->broker_memory_bytes() + more_bytes > limits.backlogs_bytes_max) {
    return Shortage::kOfBroker;
  }
  return Shortage::kNone;
}

// Is there room for a message in the place of an older one?
bool Outbox::Fits(const WaitingMessage& message, const WaitingMessage& older,
                  const Subscription& subscription) const {
  if (message.bytes() <= older.bytes()) return true;
  const uint64_t more_bytes = message.bytes() - older.bytes();
  return subscription.backlog->bytes + more_bytes <= subscription.max.bytes &&
         ShortageOfMemory(message.memory_bytes() - older.memory_bytes()) == Shortage::kNone;
}

// The message that is dropped for another; null: none may be. Where the subscriptions of a client
// share what is short, it is the oldest of all: a busy one shall not starve a quiet one.
BacklogEntry* Outbox::WhoGivesWay(Subscription& subscription, Shortage shortage) {
  if (shortage >= Shortage::kOfClient && !lag_->backlog.empty()) {
    BacklogEntry* oldest = lag_->backlog.front();
    if (oldest->subscription->gives_way()) return oldest;
  }
  return subscription.gives_way() && subscription.backlog ? subscription.backlog->oldest : nullptr;
}

void Outbox::DropWorthless() {
  if (!behind_ || closed_) return;
  BacklogEntry* next = lag_->backlog.front();
  for (size_t looks = 0; next != nullptr && looks < kWorthlessLooksMax; ++looks) {
    BacklogEntry* const entry = std::exchange(next, next->next);
    const Subscription& its = *entry->subscription;
    if (const auto worthless = Worthless(*entry)) {
      Drop(entry, *worthless);
    } else if (its.overflow == Overflow::kDisconnect && its.IsTooOld(*entry->message, now())) {
      return End(its, Shortage::kOfAge);
    }
  }
}

uint64_t Outbox::Shed(uint64_t memory_bytes_max) {
  if (!behind_ || closed_) return 0;
  Backlog& backlog = lag_->backlog;
  const uint64_t before = backlog.memory_bytes();
  for (BacklogEntry* next = backlog.front();
       next != nullptr && backlog.memory_bytes() > memory_bytes_max;) {
    BacklogEntry* const entry = std::exchange(next, next->next);
    if (entry->subscription->gives_way()) Drop(entry, GapReason::kBrokerMemory);
  }
  for (BacklogEntry* next = backlog.back();
       next != nullptr && backlog.memory_bytes() > memory_bytes_max;) {
    BacklogEntry* const entry = std::exchange(next, next->previous);
    if (entry->subscription->overflow != Overflow::kDropNewest) continue;
    Drop(entry, GapReason::kBrokerMemory);
  }
  if (backlog.memory_bytes() <= memory_bytes_max) return before - backlog.memory_bytes();
  End(*backlog.front()->subscription, Shortage::kOfBroker);
  return before;
}

std::optional<base::TimePoint> Outbox::oldest() const {
  const SendState state = sink_.send_state();
  if (state.queue_bytes > 0) return state.oldest;
  if (backlog_messages() > 0) return lag_->backlog.front()->message->time();
  return std::nullopt;
}

// Why a message that waits is not to be delivered any more.
std::optional<GapReason> Outbox::Worthless(const BacklogEntry& entry) const {
  if (entry.message->ExpiredAt(now())) return GapReason::kExpired;
  const Subscription& subscription = *entry.subscription;
  if (subscription.gives_way() && subscription.IsTooOld(*entry.message, now())) {
    return GapReason::kTooOld;
  }
  return std::nullopt;
}

void Outbox::End(const Subscription& subscription, Shortage shortage) {
  closed_ = true;
  const SubscriptionBacklog* its = subscription.backlog.get();
  const bool waits = its != nullptr && its->oldest != nullptr;
  const auto age_ms = !waits ? 0
                             : std::chrono::duration_cast<std::chrono::milliseconds>(
                                   now() - its->oldest->message->time())
                                   .count();
  const BacklogLimits& max = subscription.max;
  sink_.session_events().OnOverflow(base::StrCat(
      "filter ", subscription.filter(), ": ", its == nullptr ? 0 : its->messages, " messages of ",
      its == nullptr ? 0 : its->bytes, " bytes waited, the oldest for ", age_ms, " ms, limits ",
      max.messages, " messages, ", max.bytes, " bytes",
      max.age_ms == 0 ? std::string() : base::StrCat(", ", max.age_ms, " ms"), "; of the client ",
      lag_->backlog.messages(), " messages of ", lag_->backlog.bytes(), " bytes",
      shortage == Shortage::kOfBroker ? "; the broker's memory for backlogs is used up" : ""));
}

void Outbox::Drop(BacklogEntry* entry, GapReason reason) {
  CountDrop(*entry->subscription, *entry->message, reason);
  lag_->backlog.Drop(entry, reason);
}

void Outbox::Refuse(const WaitingMessage& message, Subscription& subscription, GapReason reason) {
  lag_->backlog.Refuse(&subscription, message, reason);
  CountDrop(subscription, message, reason);
}

void Outbox::CountDrop(Subscription& subscription, const WaitingMessage& message,
                       GapReason reason) {
  if (message.receipt() != nullptr) message.receipt()->OnLost(reason);
  const uint64_t frame_bytes = message.bytes();
  Metrics& metrics = *lag_->context.metrics;
  metrics.dropped_messages_total.Add();
  metrics.of(reason).Add();
  metrics.dropped_bytes_total.Add(frame_bytes);
  ++lag_->dropped_messages_total;
  lag_->dropped_bytes_total += frame_bytes;
  ++subscription.backlog->dropped_messages[static_cast<size_t>(reason)];
  subscription.backlog->dropped_bytes_total += frame_bytes;
}

void Outbox::Drain() {
  // A delivery may flush, and hear within it that the socket takes more.
  if (!behind_ || closed_ || draining_) return;
  draining_ = true;
  if (DeliverBacklog()) CatchUp();
  draining_ = false;
}

void Outbox::CatchUp() {
  while (Subscription* subscription = lag_->backlog.untold()) {
    sink_.session_events().SendGap(*subscription, lag_->backlog.TakeGap(subscription));
    subscription->ClearBacklog();
  }
  behind_ = false;
  if (lag_->dropped_messages_total == 0) lag_.reset();
}

// Returns false when the client is behind again, or has gone.
bool Outbox::DeliverBacklog() {
  while (BacklogEntry* entry = lag_->backlog.front()) {
    Subscription& subscription = *entry->subscription;
    if (const auto worthless = Worthless(*entry)) {
      Drop(entry, *worthless);
      continue;
    }
    if (const auto gap = std::move(entry->gap)) {
      sink_.session_events().SendGap(subscription, *gap);
    }
    const base::BlockSpan& frame = entry->message->frame();
    if (!sink_.TryDeliver(frame, lag_->context.limits->high_watermark_bytes, FanOut::kMany)) {
      return false;
    }
    Count(1, subscription, lag_->context);
    if (entry->message->receipt() != nullptr) entry->message->receipt()->OnQueued(sink_);
    lag_->backlog.PopFront();
    if (subscription.backlog->messages == 0 && subscription.backlog->gap.empty()) {
      subscription.ClearBacklog();
    }
  }
  return true;
}

void Outbox::Close() {
  closed_ = true;
  behind_ = false;
  if (lag_ != nullptr) lag_->backlog.Clear();
}

void Outbox::Forget(Subscription* subscription) {
  if (subscription->backlog) lag_->backlog.Forget(subscription);
}

}  // namespace esockets::broker
