// What the outboxes of a loop share, and whom they ask.
#ifndef BROKER_OUTBOX_CONTEXT_H_
#define BROKER_OUTBOX_CONTEXT_H_

#include <cstdint>

#include "base/executor.h"
#include "base/on_loop.h"
#include "broker/backlog.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/subscription.h"
#include "broker/wire_form.h"
#include "proto/message_frame.h"

namespace esockets::broker {

// Reads from a stream for a subscription that has fallen behind.
class StreamReading {
 public:
  // The message at `position` and what follows it are to be read. Called while a run is offered.
  virtual void OnBehind(Subscription* subscription, uint64_t position) ESOCKETS_ON_LOOP = 0;

 protected:
  ~StreamReading() = default;
};

// Which messages a subscription reads, although they are published now. Asked of those that await
// last values.
class SnapshotGate {
 public:
  virtual bool Withholds(const Subscription& subscription,
                         const proto::MessageLabel& message) const ESOCKETS_ON_LOOP = 0;

 protected:
  ~SnapshotGate() = default;
};

// What the outboxes of a loop share: the same with every call.
struct OutboxContext {
  BacklogPool* pool;
  Metrics* metrics;
  const Limits* limits;  // which may change
  const WireForm* wire_form;
  const base::Executor* executor;
  StreamReading* reading = nullptr;         // REQUIRED for REPLAY
  const SnapshotGate* snapshots = nullptr;  // REQUIRED for last values
};

}  // namespace esockets::broker

#endif  // BROKER_OUTBOX_CONTEXT_H_
