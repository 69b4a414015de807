// One session's ordered queue of deliveries. A client that keeps up takes each run whole, for the
// price of one span; for a client that is behind, the run is cut into messages, and the overflow
// contract of the subscription decides on each. Thread: the loop.
#ifndef BROKER_OUTBOX_H_
#define BROKER_OUTBOX_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/executor.h"
#include "base/on_loop.h"
#include "base/ref_counted.h"
#include "broker/backlog.h"
#include "broker/client_permissions.h"
#include "broker/client_rates.h"
#include "broker/gap.h"
#include "broker/limits.h"
#include "broker/outbox_context.h"
#include "broker/overflow_rules.h"
#include "broker/run.h"
#include "broker/session_events.h"
#include "broker/session_sink.h"
#include "broker/subscription.h"
#include "broker/waiting_message.h"
#include "broker/wire_form.h"
#include "proto/message_frame.h"

namespace esockets::broker {

class Outbox {
 public:
  // REQUIRES: the sink outlives the outbox.
  explicit Outbox(SessionSink* sink) : sink_(*sink) {}
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  // REQUIRES: the context outlives the outbox.
  void Offer(const Run& run, Subscription& subscription,
             const OutboxContext& context) ESOCKETS_ON_LOOP {
    if (!behind_ && !closed_ && !paced_ && subscription.feed == Feed::kLive &&
        sink_.TryDeliver(run.span(), WatermarkBytes(subscription, *context.limits),
                         run.fan_out())) {
      return Offered(run, subscription, context);
    }
    OfferBehind(run, subscription, context);
  }

  // What was read from its stream. False, and nothing is taken: the client takes no more now.
  bool DeliverRead(const base::BlockSpan& frames, size_t messages, Subscription& subscription,
                   const OutboxContext& context) ESOCKETS_ON_LOOP;

  // What Offer would do with one such message for which the frame has so many bytes. Changes
  // nothing.
  Fate WouldBecome(const proto::MessageLabel& label, uint64_t frame_bytes,
                   const Subscription& subscription,
                   const OutboxContext& context) const ESOCKETS_ON_LOOP;

  // Messages that may be read for it now; 0: OnPaced was or will be called.
  size_t MessagesNow(const OutboxContext& context) ESOCKETS_ON_LOOP;

  // The socket takes more: sends what waits, as far as it goes.
  void Drain() ESOCKETS_ON_LOOP;

  // Whether its client has a limit of what it is sent in a second.
  void set_paced(bool paced) { paced_ = paced; }
  // It has waited for it: Drain, and whoever reads for the client, may go on.
  void OnPaceDue() {
    if (lag_ != nullptr) lag_->pace.set_waits(false);
  }
  RatesUsed rates_used(base::TimePoint now) const ESOCKETS_ON_LOOP {
    return lag_ == nullptr ? RatesUsed{} : lag_->pace.Used(LimitsOf(lag_->context).rates, now);
  }
  bool waits_for_pace() const { return lag_ != nullptr && lag_->pace.waits(); }

  // Takes no more and drops what waits.
  void Close();

  // Drops, of the first kWorthlessLooksMax messages that wait, those that are not to be delivered
  // any more; the session ends if its contract says so.
  void DropWorthless() ESOCKETS_ON_LOOP;

  // Cuts what waits to so much memory, as the contracts say: the oldest first, or the newest, or
  // the session ends. Returns the bytes of memory that are free now, or will be with the session.
  uint64_t Shed(uint64_t memory_bytes_max) ESOCKETS_ON_LOOP;
  // The whole broker is short of memory, and so much waits here: the session ends. False: it has.
  bool EndForMemory(uint64_t waiting_bytes) ESOCKETS_ON_LOOP;

  // Its client may not have some of what waits any more: forgets that.
  void ForgetHidden(Subscription* subscription) ESOCKETS_ON_LOOP;
  // The client has unsubscribed. REQUIRES: before the subscription dies.
  void Forget(Subscription* subscription);

  bool behind() const { return behind_; }
  // When the first of all that waits for the kernel was taken; nothing: the kernel has all.
  std::optional<base::TimePoint> oldest() const ESOCKETS_ON_LOOP;
  uint64_t backlog_memory_bytes() const { return lag_ ? lag_->backlog.memory_bytes() : 0; }
  // By the ledger of slow clients.
  bool watched() const { return watched_; }
  void set_watched(bool watched) { watched_ = watched; }
  uint64_t backlog_messages() const { return lag_ ? lag_->backlog.messages() : 0; }
  uint64_t backlog_bytes() const { return lag_ ? lag_->backlog.bytes() : 0; }
  uint64_t delivered_messages_total() const { return delivered_messages_total_; }
  uint64_t dropped_messages_total() const { return lag_ ? lag_->dropped_messages_total : 0; }
  uint64_t dropped_bytes_total() const { return lag_ ? lag_->dropped_bytes_total : 0; }

  // The session's sink.
  SessionSink& sink() const { return sink_; }
  ClientPermissions permissions() const ESOCKETS_ON_LOOP {
    return sink_.session_events().permissions();
  }

 private:
  // Of a client that is behind, or was and has lost something, or is paced: most never are.
  struct Lag {
    explicit Lag(const OutboxContext* of_loop) : context(*of_loop), backlog(of_loop->pool) {}
    const OutboxContext& context;
    Backlog backlog;
    OutputPace pace;
    uint64_t dropped_messages_total = 0;
    uint64_t dropped_bytes_total = 0;
  };

  void OfferBehind(const Run& run, Subscription& subscription,
                   const OutboxContext& context) ESOCKETS_ON_LOOP;
  void OfferSome(const Run& run, Subscription& subscription,
                 const OutboxContext& context) ESOCKETS_ON_LOOP;
  static size_t WatermarkBytes(const Subscription& subscription, const Limits& limits) {
    return subscription.overflow == Overflow::kConflate
               ? std::min(limits.conflate_watermark_bytes, limits.high_watermark_bytes)
               : limits.high_watermark_bytes;
  }
  OverflowRules RulesOf(const OutboxContext& context) const ESOCKETS_ON_LOOP;
  const Limits& LimitsOf(const OutboxContext& context) const ESOCKETS_ON_LOOP {
    const Limits* const own = sink_.session_events().client_limits();
    return own == nullptr ? *context.limits : *own;
  }
  Lag& NeedLag(const OutboxContext& context);
  bool TryDeliver(const base::BlockSpan& frames, size_t messages, const Subscription& subscription,
                  FanOut fan_out, const OutboxContext& context) ESOCKETS_ON_LOOP;
  bool AllowsEach(const Run& run, const OutboxContext& context) ESOCKETS_ON_LOOP;
  bool TakeAtPace(const WaitingMessage& message, Subscription* subscription,
                  FanOut fan_out) ESOCKETS_ON_LOOP;
  void WaitForPace(uint64_t bytes, const OutboxContext& context) ESOCKETS_ON_LOOP;
  void Offered(const Run& run, Subscription& subscription,
               const OutboxContext& context) ESOCKETS_ON_LOOP {
    Count(run.messages(), subscription, context);
    if (run.receipt() != nullptr) run.receipt()->OnQueued(sink_);
  }
  Room RoomFor(const Subscription& subscription, const OutboxContext& context) const;
  void Wait(const base::RefPtr<WaitingMessage>& message,
            Subscription& subscription) ESOCKETS_ON_LOOP;
  bool TakesPlace(const base::RefPtr<WaitingMessage>& message,
                  Subscription& subscription) ESOCKETS_ON_LOOP;
  bool MakeRoom(const WaitingMessage& message, Subscription& subscription) ESOCKETS_ON_LOOP;
  void End(const Subscription& subscription, Shortage shortage) ESOCKETS_ON_LOOP;
  void Drop(BacklogEntry* entry, GapReason reason);
  void Refuse(const WaitingMessage& message, Subscription& subscription, GapReason reason);
  void CountDrop(Subscription& subscription, const WaitingMessage& message, GapReason reason);
  bool DeliverBacklog() ESOCKETS_ON_LOOP;
  void CatchUp() ESOCKETS_ON_LOOP;
  base::TimePoint now() const ESOCKETS_ON_LOOP { return lag_->context.executor->TurnTime(); }
  void Count(size_t messages, Subscription& subscription, const OutboxContext& context) {
    subscription.delivered_messages_total += messages;
    delivered_messages_total_ += messages;
    context.metrics->delivered_messages_total.Add(messages);
  }

  // There are as many of these as clients: the small ones come last, where another member of the
  // owner may follow without a gap.
  SessionSink& sink_;
  std::unique_ptr<Lag> lag_;
  uint64_t delivered_messages_total_ = 0;
  bool closed_ : 1 = false;
  bool behind_ : 1 = false;  // lag_ holds what waits
  bool paced_ : 1 = false;
  bool draining_ : 1 = false;
  bool watched_ : 1 = false;
};

}  // namespace esockets::broker

#endif  // BROKER_OUTBOX_H_
