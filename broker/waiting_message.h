// A message that clients which are behind wait for: in a block of its own, one for all of a loop.
// Thread: the loop.
#ifndef BROKER_WAITING_MESSAGE_H_
#define BROKER_WAITING_MESSAGE_H_

#include <chrono>
#include <cstdint>
#include <utility>

#include "base/allocated_bytes.h"
#include "base/clock.h"
#include "base/counted_block.h"
#include "base/ref_counted.h"
#include "broker/delivery_receipt.h"
#include "broker/wire_form.h"
#include "proto/message_frame.h"

namespace esockets::broker {

// What a message takes that waits.
struct MessageSize {
  // As it is when its frame has a block of its own.
  static MessageSize OfFrame(uint64_t frame_bytes);

  uint64_t frame_bytes = 0;
  uint64_t memory_bytes = 0;
};

class WaitingMessage final : public base::RefCounted {
 public:
  // Copies the frame out of what it shares with others.
  WaitingMessage(const base::BlockSpan& frame, const WireForm& form,
                 base::RefPtr<DeliveryReceipt> receipt = nullptr)
      : frame_(base::CopyOut(frame)),
        label_(form.LabelOf(frame_.view())),
        receipt_(std::move(receipt)) {}

  const base::BlockSpan& frame() const { return frame_; }
  uint32_t bytes() const { return frame_.size(); }
  // What it takes of the memory.
  uint64_t memory_bytes() const {
    return base::AllocatedBytes(sizeof(WaitingMessage)) + frame_.block->memory_bytes();
  }
  MessageSize size() const { return {bytes(), memory_bytes()}; }
  // When the broker took it.
  base::TimePoint time() const { return frame_.block->TimeOf(frame_.begin); }
  const proto::MessageLabel& label() const { return label_; }

  // Null: nobody asks.
  DeliveryReceipt* receipt() const { return receipt_.get(); }

  bool ExpiredAt(base::TimePoint now) const {
    return label_.ttl_ms != 0 && now - time() >= std::chrono::milliseconds(label_.ttl_ms);
  }

 private:
  const base::BlockSpan frame_;
  const proto::MessageLabel label_;  // views of the frame
  const base::RefPtr<DeliveryReceipt> receipt_;
};

inline MessageSize MessageSize::OfFrame(uint64_t frame_bytes) {
  return {frame_bytes, base::AllocatedBytes(sizeof(WaitingMessage)) +
                           base::AllocatedBytes(sizeof(base::CountedBlock) + frame_bytes)};
}

}  // namespace esockets::broker

#endif  // BROKER_WAITING_MESSAGE_H_
