// Consecutive messages for the same subscribers, encoded back to back: offered to each of them at
// once. Only a client that is behind needs them one by one.
#ifndef BROKER_RUN_H_
#define BROKER_RUN_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/counted_block.h"
#include "base/ref_counted.h"
#include "broker/delivery_receipt.h"
#include "broker/session_sink.h"
#include "broker/waiting_message.h"
#include "broker/wire_form.h"

namespace esockets::broker {

class Run {
 public:
  bool empty() const { return span_.empty(); }
  const base::BlockSpan& span() const { return span_; }
  uint32_t bytes() const { return span_.size(); }
  size_t messages() const { return messages_; }

  // Takes the frames of so many messages if they go on where the run ends, or if the run is empty.
  bool Append(const base::BlockSpan& frames, size_t messages) {
    if (empty()) {
      span_ = frames;
    } else if (span_.IsFollowedBy(frames)) {
      span_.end = frames.end;
    } else {
      return false;
    }
    messages_ += messages;
    return true;
  }

  // Its messages one by one, made when they are first asked for and shared by all who ask.
  const std::vector<base::RefPtr<WaitingMessage>>& Waiting(const WireForm& form) const {
    if (waiting_.empty()) {
      base::ForEachFrame(span_, [&](uint32_t begin, uint32_t end) {
        waiting_.push_back(base::MakeRefCounted<WaitingMessage>(
            base::BlockSpan{span_.block, begin, end}, form, receipt_));
      });
    }
    return waiting_;
  }

  FanOut fan_out() const { return fan_out_; }
  void set_fan_out(FanOut fan_out) { fan_out_ = fan_out; }

  // Of its one message; null: nobody asks what becomes of it.
  DeliveryReceipt* receipt() const { return receipt_.get(); }
  const base::RefPtr<DeliveryReceipt>& shared_receipt() const { return receipt_; }
  void set_receipt(base::RefPtr<DeliveryReceipt> receipt) { receipt_ = std::move(receipt); }

  void Clear() {
    receipt_ = nullptr;
    span_ = base::BlockSpan();
    messages_ = 0;
    waiting_.clear();
  }

 private:
  base::BlockSpan span_;
  size_t messages_ = 0;
  FanOut fan_out_ = FanOut::kMany;
  base::RefPtr<DeliveryReceipt> receipt_;
  mutable std::vector<base::RefPtr<WaitingMessage>> waiting_;
};

}  // namespace esockets::broker

#endif  // BROKER_RUN_H_
