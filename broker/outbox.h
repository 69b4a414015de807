// One session's ordered queue of deliveries. A client that keeps up takes each run whole, for the
// price of one span; for a client that is behind, the run is cut into messages, and the overflow
// contract of the subscription decides on each. Thread: the loop.
#ifndef BROKER_OUTBOX_H_
#define BROKER_OUTBOX_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/on_loop.h"
#include "broker/backlog.h"
#include "broker/gap.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/run.h"
#include "broker/session_sink.h"
#include "broker/subscription.h"

namespace esockets::broker {

// What an outbox needs to know of its session.
class OutboxOwner {
 public:
  // A subscription with the contract DISCONNECT has overflowed. Called while a run is being
  // offered: the session ends later in the turn.
  virtual void OnOverflow(const std::string& detail) ESOCKETS_ON_LOOP = 0;

  // Tells the client of a hole in a subscription, before what follows it.
  virtual void SendGap(const Subscription& subscription, const Gap& gap) ESOCKETS_ON_LOOP = 0;

 protected:
  ~OutboxOwner() = default;
};

class Outbox {
 public:
  // REQUIRES: all outlive the outbox; `limits` may change.
  Outbox(SessionSink* sink, OutboxOwner* owner, BacklogPool* pool, Metrics* metrics,
         const Limits* limits)
      : sink_(*sink), owner_(*owner), pool_(*pool), metrics_(*metrics), limits_(*limits) {}
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  void Offer(const Run& run, Subscription& subscription) ESOCKETS_ON_LOOP {
    if (closed_) return;
    if (backlog_ == nullptr && sink_.TryDeliver(run.span(), limits_.high_watermark_bytes)) {
      Count(run.messages(), subscription);
      return;
    }
    OfferBehind(run, subscription);
  }

  // The socket takes more: sends what waits, as far as it goes.
  void Drain() ESOCKETS_ON_LOOP;

  // Takes no more and drops what waits.
  void Close();

  // The client has unsubscribed. REQUIRES: before the subscription dies.
  void Forget(Subscription* subscription);

  bool behind() const { return backlog_ != nullptr; }
  uint64_t backlog_messages() const { return backlog_ ? backlog_->messages() : 0; }
  uint64_t backlog_bytes() const { return backlog_ ? backlog_->bytes() : 0; }
  uint64_t delivered_messages_total() const { return delivered_messages_total_; }
  uint64_t dropped_messages_total() const { return dropped_messages_total_; }
  uint64_t dropped_bytes_total() const { return dropped_bytes_total_; }

  // The router's: the last match in which this session was seen.
  uint64_t match_mark = 0;
  size_t match_position = 0;

 private:
  void OfferBehind(const Run& run, Subscription& subscription) ESOCKETS_ON_LOOP;
  // Which limit one more message would break.
  enum class Shortage : uint8_t { kNone, kOfSubscription, kOfClient, kOfBroker };
  Shortage ShortageFor(uint64_t frame_bytes, const Subscription& subscription) const;
  bool MakeRoom(const base::BlockSpan& frame, Subscription& subscription) ESOCKETS_ON_LOOP;
  Subscription* WhoGivesWay(Subscription& subscription, Shortage shortage) const;
  void End(const Subscription& subscription, Shortage shortage) ESOCKETS_ON_LOOP;
  void DropOldest(Subscription& subscription, GapReason reason);
  void DropNewest(Subscription& subscription, const base::BlockSpan& frame, GapReason reason);
  SubscriptionBacklog& CountDrop(Subscription& subscription, uint64_t frame_bytes);
  bool DeliverBacklog() ESOCKETS_ON_LOOP;
  void ForgetGap(Subscription& subscription);
  void TellGap(Subscription& subscription) ESOCKETS_ON_LOOP;
  void Count(size_t messages, Subscription& subscription) {
    subscription.delivered_messages_total += messages;
    delivered_messages_total_ += messages;
    metrics_.delivered_messages_total.Add(messages);
  }

  SessionSink& sink_;
  OutboxOwner& owner_;
  BacklogPool& pool_;
  Metrics& metrics_;
  const Limits& limits_;
  std::unique_ptr<Backlog> backlog_;  // null: the client keeps up
  bool closed_ = false;
  bool draining_ = false;
  uint64_t delivered_messages_total_ = 0;
  uint64_t dropped_messages_total_ = 0;
  uint64_t dropped_bytes_total_ = 0;
  std::vector<Subscription*> untold_gaps_;  // each once
};

}  // namespace esockets::broker

#endif  // BROKER_OUTBOX_H_
