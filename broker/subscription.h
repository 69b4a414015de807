// One session's subscription: what the index matches, and what becomes of messages that its client
// is too slow for.
#ifndef BROKER_SUBSCRIPTION_H_
#define BROKER_SUBSCRIPTION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "broker/gap.h"
#include "broker/subscriber.h"

namespace esockets::broker {

class Outbox;
struct BacklogEntry;

// What is done when the client is behind and its backlog is full; the larger is the stricter.
enum class Overflow : uint8_t { kDropOldest, kDisconnect };
std::string_view OverflowText(Overflow overflow);

// What waits for the client in this subscription's name, and what it has lost; exists while it is
// behind, and from the first loss on.
struct SubscriptionBacklog {
  BacklogEntry* oldest = nullptr;
  BacklogEntry* newest = nullptr;
  uint32_t messages = 0;
  uint64_t bytes = 0;
  Gap gap;                 // what was dropped in front of the oldest
  size_t untold_slot = 0;  // of the outbox; meaningful while there is a gap
  uint64_t dropped_messages_total = 0;
  uint64_t dropped_bytes_total = 0;
};

struct Subscription : Subscriber {
  Subscription() = default;
  explicit Subscription(Outbox* its_outbox) : outbox(its_outbox) {}

  uint64_t dropped_messages_total() const { return backlog ? backlog->dropped_messages_total : 0; }
  uint64_t dropped_bytes_total() const { return backlog ? backlog->dropped_bytes_total : 0; }

  // Nothing waits any more, and every gap is told. REQUIRES: there is a backlog.
  void ClearBacklog();

  // There are as many of these as clients, or more: the members leave no gaps.
  Overflow overflow = Overflow::kDropOldest;

  // Limits of the backlog.
  uint32_t backlog_messages_max = 0;
  uint32_t backlog_bytes_max = 0;

  Outbox* outbox = nullptr;
  std::unique_ptr<SubscriptionBacklog> backlog;

  uint64_t delivered_messages_total = 0;  // handed to the send queue
};

}  // namespace esockets::broker

#endif  // BROKER_SUBSCRIPTION_H_
