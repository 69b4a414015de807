#include "broker/outbox.h"

#include <string>
#include <utility>

#include "base/strings.h"

namespace esockets::broker {

void Outbox::OfferBehind(const Run& run, Subscription& subscription, const OutboxContext& context) {
  if (closed_) {
    if (run.receipt() != nullptr) run.receipt()->OnGone();
    return;
  }
  if (subscription.feed == Feed::kAwaiting) return OfferSome(run, subscription, context);
  if (subscription.feed != Feed::kLive) return;  // it comes to it in its stream, or before it
  const bool at_pace = paced_ && !behind_;
  if (at_pace && (run.messages() == 1 || AllowsEach(run, context)) &&
      TryDeliver(run.span(), run.messages(), subscription, run.fan_out(), context)) {
    return Offered(run, subscription, context);
  }
  if (subscription.overflow == Overflow::kReplay) {
    if (at_pace) WaitForPace(1, context);  // it reads as soon as that allows
    subscription.feed = Feed::kReading;
    const base::BlockSpan& span = run.span();
    const uint32_t end = span.block->FrameEnd(span.begin);
    const std::string_view first = span.view().substr(0, end - span.begin);
    context.reading->OnBehind(&subscription, context.wire_form->LabelOf(first).position);
    return;
  }
  NeedLag(context);
  for (const auto& message : run.Waiting(*context.wire_form)) {
    if (closed_) return;
    if (!at_pace || behind_ || !TakeAtPace(*message, &subscription, run.fan_out())) {
      Wait(message, subscription);
    }
  }
  context.pool->CheckPressure(context.limits->backlogs_bytes_max);
}

Outbox::Lag& Outbox::NeedLag(const OutboxContext& context) {
  if (lag_ == nullptr) lag_ = std::make_unique<Lag>(&context);
  return *lag_;
}

// --- at its pace --------------------------------------------------------------------------------

bool Outbox::TryDeliver(const base::BlockSpan& frames, size_t messages,
                        const Subscription& subscription, FanOut fan_out,
                        const OutboxContext& context) {
  const size_t watermark_bytes = WatermarkBytes(subscription, *context.limits);
  if (!paced_) return sink_.TryDeliver(frames, watermark_bytes, fan_out);
  const ClientRates& rates = LimitsOf(context).rates;
  const base::TimePoint now = context.executor->TurnTime();
  OutputPace& pace = NeedLag(context).pace;
  const uint64_t bytes = frames.end - frames.begin;
  if (!pace.Allows(messages, bytes, rates, now)) {
    WaitForPace(bytes, context);
    return false;
  }
  if (!sink_.TryDeliver(frames, watermark_bytes, fan_out)) return false;
  pace.Take(messages, bytes, rates, now);
  return true;
}

bool Outbox::AllowsEach(const Run& run, const OutboxContext& context) {
  const base::BlockSpan& span = run.span();
  return NeedLag(context).pace.AllowsEach(run.messages(), span.end - span.begin,
                                          LimitsOf(context).rates, context.executor->TurnTime());
}

// Of a run that is only partly allowed.
bool Outbox::TakeAtPace(const WaitingMessage& message, Subscription* subscription, FanOut fan_out) {
  if (!TryDeliver(message.frame(), 1, *subscription, fan_out, lag_->context)) return false;
  Count(1, *subscription, lag_->context);
  if (message.receipt() != nullptr) message.receipt()->OnQueued(sink_);
  return true;
}

size_t Outbox::MessagesNow(const OutboxContext& context) {
  if (!paced_) return SIZE_MAX;
  const uint64_t messages =
      NeedLag(context).pace.Messages(LimitsOf(context).rates, context.executor->TurnTime());
  if (messages == 0) WaitForPace(1, context);
  return messages;
}

// A frame of more than a second's worth waits until nothing is missing.
void Outbox::WaitForPace(uint64_t bytes, const OutboxContext& context) {
  OutputPace& pace = lag_->pace;
  if (pace.waits()) return;
  pace.set_waits(true);
  const ClientRates& rates = LimitsOf(context).rates;
  context.metrics->output_pauses_total.Add();
  sink_.session_events().OnPaced(pace.TimeUntil(bytes, rates, context.executor->TurnTime()));
}

// --- behind -------------------------------------------------------------------------------------

// Those that it does not read.
void Outbox::OfferSome(const Run& run, Subscription& subscription, const OutboxContext& context) {
  subscription.feed = Feed::kLive;
  const base::BlockSpan& span = run.span();
  base::ForEachFrame(span, [&](uint32_t begin, uint32_t end) {
    context.executor->AssertOnLoop();
    const base::BlockSpan frame{span.block, begin, end};
    const proto::MessageLabel label = context.wire_form->LabelOf(frame.view());
    if (context.snapshots->Withholds(subscription, label)) return;
    Run one;
    one.Append(frame, 1);
    one.set_fan_out(run.fan_out());
    one.set_receipt(run.shared_receipt());
    Offer(one, subscription, context);
  });
  subscription.feed = Feed::kAwaiting;
}

bool Outbox::DeliverRead(const base::BlockSpan& frames, size_t messages, Subscription& subscription,
                         const OutboxContext& context) {
  if (behind_ || closed_) return false;
  if (!TryDeliver(frames, messages, subscription, FanOut::kMany, context)) return false;
  Count(messages, subscription, context);
  return true;
}

void Outbox::Wait(const base::RefPtr<WaitingMessage>& message, Subscription& subscription) {
  if (!behind_) {
    behind_ = true;
    sink_.session_events().OnBehind();
  }
  if (subscription.overflow == Overflow::kConflate && TakesPlace(message, subscription)) return;
  if (MakeRoom(*message, subscription)) lag_->backlog.Append(&subscription, message);
}

// Does it replace one of its topic and key that waits?
bool Outbox::TakesPlace(const base::RefPtr<WaitingMessage>& message, Subscription& subscription) {
  BacklogEntry* older = OverflowRules::OlderOf(message->label(), subscription);
  if (older == nullptr) return false;
  const OutboxContext& context = lag_->context;
  const bool takes_place = RulesOf(context).TakesPlace(RoomFor(subscription, context), *older,
                                                       message->size(), subscription);
  CountDrop(subscription, *older->message, GapReason::kConflated);
  if (takes_place) {
    lag_->backlog.Replace(older, message);
  } else {
    lag_->backlog.Drop(older, GapReason::kConflated);
  }
  return takes_place;
}

// Returns false when the message has no place: it was dropped and counted, or the session ends, as
// the subscription's contract says.
bool Outbox::MakeRoom(const WaitingMessage& message, Subscription& subscription) {
  const OutboxContext& context = lag_->context;
  const OverflowRules rules = RulesOf(context);
  while (true) {
    const OverflowStep step =
        rules.Next(RoomFor(subscription, context), message.size(), subscription);
    switch (step.what) {
      case OverflowStep::What::kAppend:
        return true;
      case OverflowStep::What::kDrop:
        Drop(step.victim, step.reason);
        break;
      case OverflowStep::What::kRefuse:
        Refuse(message, subscription, step.reason);
        return false;
      case OverflowStep::What::kEnd:
        if (message.receipt() != nullptr) message.receipt()->OnGone();
        End(subscription, step.shortage);
        return false;
    }
  }
}

OverflowRules Outbox::RulesOf(const OutboxContext& context) const {
  return {&LimitsOf(context), context.executor->TurnTime()};
}

Room Outbox::RoomFor(const Subscription& subscription, const OutboxContext& context) const {
  Room room{.broker_memory_bytes = context.pool->broker_memory_bytes()};
  if (lag_ != nullptr) {
    room.front = lag_->backlog.front();
    room.client_memory_bytes = lag_->backlog.memory_bytes();
  }
  if (const SubscriptionBacklog* its = subscription.backlog.get()) {
    room.oldest = its->oldest;
    room.messages = its->messages;
    room.bytes = its->bytes;
  }
  return room;
}

Fate Outbox::WouldBecome(const proto::MessageLabel& label, uint64_t frame_bytes,
                         const Subscription& subscription, const OutboxContext& context) const {
  const Room room = RoomFor(subscription, context);
  if (closed_) return {.what = Fate::What::kDisconnects, .room = room};
  if (subscription.reads()) return {.what = Fate::What::kReads, .room = room};
  const SendState sends = sink_.send_state();
  const bool waits = paced_ && waits_for_pace();
  if (!behind_ && !waits &&
      !(sends.refused && IsAboveMark(sends.queue_bytes, frame_bytes,
                                     WatermarkBytes(subscription, *context.limits)))) {
    return {.what = Fate::What::kDelivered, .room = room};
  }
  if (subscription.overflow == Overflow::kReplay) return {.what = Fate::What::kReads, .room = room};
  return RulesOf(context).FateOf(label, MessageSize::OfFrame(frame_bytes), room, subscription);
}

void Outbox::DropWorthless() {
  if (!behind_ || closed_) return;
  const OverflowRules rules = RulesOf(lag_->context);
  BacklogEntry* next = lag_->backlog.front();
  for (size_t looks = 0; next != nullptr && looks < kWorthlessLooksMax; ++looks) {
    BacklogEntry* const entry = std::exchange(next, next->next);
    const Subscription& its = *entry->subscription;
    if (const auto worthless = rules.Worthless(*entry)) {
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
    if (entry->subscription->overflow == Overflow::kDisconnect) continue;
    Drop(entry, GapReason::kBrokerMemory);
  }
  if (backlog.memory_bytes() <= memory_bytes_max) return before - backlog.memory_bytes();
  End(*backlog.front()->subscription, Shortage::kOfBroker);
  return before;
}

bool Outbox::EndForMemory(uint64_t waiting_bytes) {
  if (closed_) return false;
  closed_ = true;
  sink_.session_events().OnOverflow(
      base::StrCat("the broker is short of memory, and ", waiting_bytes, " bytes waited here"));
  return true;
}

std::optional<base::TimePoint> Outbox::oldest() const {
  const SendState state = sink_.send_state();
  if (state.queue_bytes > 0) return state.oldest;
  if (backlog_messages() > 0) return lag_->backlog.front()->message->time();
  return std::nullopt;
}

void Outbox::End(const Subscription& subscription, Shortage shortage) {
  closed_ = true;
  const SubscriptionBacklog* its = subscription.backlog.get();
  const bool waits = its != nullptr && its->oldest != nullptr;
  const uint64_t age_ms = waits ? base::Millis(now() - its->oldest->message->time()) : 0;
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
  if (lag_->dropped_messages_total == 0 && !paced_) lag_.reset();
}

// Returns false when the client is behind again, or has gone.
bool Outbox::DeliverBacklog() {
  const OverflowRules rules = RulesOf(lag_->context);
  while (BacklogEntry* entry = lag_->backlog.front()) {
    Subscription& subscription = *entry->subscription;
    if (const auto worthless = rules.Worthless(*entry)) {
      Drop(entry, *worthless);
      continue;
    }
    if (const auto gap = std::move(entry->gap)) {
      sink_.session_events().SendGap(subscription, *gap);
    }
    const base::BlockSpan& frame = entry->message->frame();
    if (!TryDeliver(frame, 1, subscription, FanOut::kMany, lag_->context)) return false;
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

void Outbox::ForgetHidden(Subscription* subscription) {
  if (!subscription->backlog) return;
  const ClientPermissions its_permissions = permissions();
  for (BacklogEntry* next = subscription->backlog->oldest; next != nullptr;) {
    BacklogEntry* const entry = std::exchange(next, next->next_of_subscription);
    if (its_permissions.Hides(entry->message->label().topic, /*stored=*/false)) {
      lag_->backlog.Forget(entry);
    }
  }
  const SubscriptionBacklog& its = *subscription->backlog;
  if (its.messages == 0 && its.gap.empty()) subscription->ClearBacklog();
}

void Outbox::Forget(Subscription* subscription) {
  if (subscription->backlog) lag_->backlog.Forget(subscription);
}

}  // namespace esockets::broker
