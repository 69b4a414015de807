// A message on its way to a member of a group. The bytes are shared: the group keeps them until it
// knows that the member has got them.
#ifndef BROKER_GROUP_MESSAGE_H_
#define BROKER_GROUP_MESSAGE_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/allocated_bytes.h"
#include "base/clock.h"
#include "base/ref_counted.h"
#include "broker/delivery_receipt.h"
#include "broker/gap.h"

namespace esockets::broker {

// As it goes to the member: stamped, with the name of the group. Crosses loops.
struct GroupFrame {
  std::string_view view() const { return {bytes.get(), size}; }
  std::string_view topic() const { return view().substr(topic_at, topic_size); }

  std::shared_ptr<const char[]> bytes;
  uint32_t size = 0;
  uint32_t topic_at = 0;
  uint32_t topic_size = 0;
};

// What is sent to the member's loop: one of these.
struct GroupItem {
  GroupFrame frame;
  std::shared_ptr<const Gap> gap;
};

// Thread: the group's loop.
struct GroupMessage {
  // Without a frame it only tells of what was lost.
  bool is_gap() const { return frame.size == 0; }
  bool ExpiredAt(base::TimePoint now) const {
    return ttl_ms != 0 && now - time >= std::chrono::milliseconds(ttl_ms);
  }
  // What it takes of the memory while it waits.
  uint64_t memory_bytes() const {
    return sizeof(GroupMessage) + base::AllocatedBytes(kCountBytes + frame.size);
  }
  static constexpr uint64_t kCountBytes = 16;  // in front of shared bytes

  uint64_t number = 0;  // within the group: those that come later have larger ones
  GroupFrame frame;
  base::TimePoint time{};  // when the group took it
  uint32_t ttl_ms = 0;
  uint64_t key = 0;  // hash of its key, or of its publisher
  // What the group has lost in front of it; null: nothing. A member is told that by itself.
  std::shared_ptr<const Gap> gap;
  base::RefPtr<DeliveryReceipt> receipt;  // null: nobody asks
};

}  // namespace esockets::broker

#endif  // BROKER_GROUP_MESSAGE_H_
