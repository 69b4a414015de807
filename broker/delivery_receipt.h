// What becomes of one message for the clients of a loop, where its publisher has asked for that.
// Thread: the loop.
#ifndef BROKER_DELIVERY_RECEIPT_H_
#define BROKER_DELIVERY_RECEIPT_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/on_loop.h"
#include "base/ref_counted.h"
#include "broker/gap.h"
#include "broker/session_sink.h"

namespace esockets::broker {

// Of one loop, or of several together. Each client that matched is counted in one of the others.
struct Delivery {
  uint64_t matched = 0;
  uint64_t written = 0;    // the kernel took all of it
  uint64_t queued = 0;     // waits
  uint64_t conflated = 0;  // a newer one of its topic and key took its place
  uint64_t dropped = 0;
  uint64_t gone = 0;  // unsubscribed, or its connection ended before it was written

  Delivery& operator+=(const Delivery& other) {
    matched += other.matched;
    written += other.written;
    queued += other.queued;
    conflated += other.conflated;
    dropped += other.dropped;
    gone += other.gone;
    return *this;
  }
};

class DeliveryReceipt final : public base::RefCounted {
 public:
  // `matched` clients; for each of them one of these is called, OnQueued perhaps before another.
  explicit DeliveryReceipt(size_t matched) : pending_(matched) { settled_.matched = matched; }

  // Its bytes are the last in the client's send queue.
  void OnQueued(const SessionSink& sink) ESOCKETS_ON_LOOP {
    const SendState state = sink.send_state();
    unwritten_.push_back({sink.session_id(), state.sent_bytes_total + state.queue_bytes});
  }
  void OnWritten() { Settle(&settled_.written); }
  void OnLost(GapReason reason) {
    Settle(reason == GapReason::kConflated ? &settled_.conflated : &settled_.dropped);
  }
  void OnGone() { Settle(&settled_.gone); }

  // Finds out for which clients the kernel has taken it: looks at no more than *looks of them, goes
  // on there the next time, and takes what it has used from *looks. `find_sink(session id)`: null:
  // it has gone.
  template <typename FindSink>
  void Look(FindSink find_sink, size_t* looks) ESOCKETS_ON_LOOP {
    for (size_t left = unwritten_.size(); left > 0 && *looks > 0; --left, --*looks) {
      if (next_ >= unwritten_.size()) next_ = 0;
      const Unwritten& one = unwritten_[next_];
      const SessionSink* const sink = find_sink(one.session);
      if (sink != nullptr && sink->send_state().sent_bytes_total < one.end) {
        ++next_;
        continue;
      }
      Settle(sink == nullptr ? &settled_.gone : &settled_.written);
      unwritten_[next_] = unwritten_.back();
      unwritten_.pop_back();
    }
  }

  bool is_settled() const { return pending_ == 0; }
  Delivery delivery() const {
    Delivery all = settled_;
    all.queued = pending_;
    return all;
  }

 private:
  struct Unwritten {
    uint64_t session;
    uint64_t end;  // of the bytes of its connection
  };

  void Settle(uint64_t* count) {
    ++*count;
    --pending_;
  }

  Delivery settled_;
  uint64_t pending_;
  std::vector<Unwritten> unwritten_;
  size_t next_ = 0;  // to be looked at
};

}  // namespace esockets::broker

#endif  // BROKER_DELIVERY_RECEIPT_H_
