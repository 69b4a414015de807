// One session's subscription: what the index matches, and what becomes of messages that its client
// is too slow for.
#ifndef BROKER_SUBSCRIPTION_H_
#define BROKER_SUBSCRIPTION_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>

#include "broker/backlog_entry.h"
#include "broker/subscriber.h"

namespace esockets::broker {

class Outbox;

// What a client that is behind loses when its backlog is full; the larger is the stricter.
enum class Overflow : uint8_t { kConflate, kDropOldest, kDropNewest, kDisconnect, kReplay };
std::string_view OverflowText(Overflow overflow);
// False, and *overflow stays: it is no such text.
bool ParseOverflow(std::string_view text, Overflow* overflow);

// Of the backlog of a subscription.
struct BacklogLimits {
  // As many bytes as there may be, if there are more.
  static BacklogLimits Of(uint32_t messages, uint64_t bytes, uint32_t age_ms) {
    constexpr uint64_t kBytesMax = std::numeric_limits<uint32_t>::max();
    return {messages, static_cast<uint32_t>(std::min(bytes, kBytesMax)), age_ms};
  }

  uint32_t messages = 0;
  uint32_t bytes = 0;
  uint32_t age_ms = 0;  // of the oldest; 0: none
};

// Where the messages of a subscription come from.
enum class Feed : uint8_t {
  kLive,      // as they are published
  kAwaiting,  // the same, but for last values: the home of some has not answered
  kOpening,   // from nowhere yet: it is new, and the home of its stream has not answered
  kReading,   // from its stream, through broker/stream_readers
};

struct Subscription : Subscriber {
  Subscription() = default;
  explicit Subscription(Outbox* its_outbox) : outbox(its_outbox) {}

  uint64_t dropped_messages_total() const {
    return backlog ? backlog->dropped_messages_total() : 0;
  }
  uint64_t dropped_bytes_total() const { return backlog ? backlog->dropped_bytes_total : 0; }

  // Does nothing come as it is published?
  bool reads() const { return feed == Feed::kOpening || feed == Feed::kReading; }
  // May a message that waits be dropped for another?
  bool gives_way() const { return overflow <= Overflow::kDropOldest; }
  bool IsTooOld(const WaitingMessage& message, base::TimePoint now) const {
    return max.age_ms != 0 && now - message.time() > std::chrono::milliseconds(max.age_ms);
  }

  // Of several of a session that match, the strictest governs. Who reads from the stream gets the
  // message there, and not twice; who is only being opened does not get it, and takes it from
  // nobody.
  int strictness() const {
    if (feed == Feed::kOpening || feed == Feed::kAwaiting) return std::numeric_limits<int>::min();
    if (feed == Feed::kReading) return std::numeric_limits<int>::max();
    return static_cast<int>(overflow);
  }

  // For what comes from here on.
  void SetContract(Overflow what, const BacklogLimits& limits);

  // Nothing waits any more, and every gap is told. REQUIRES: there is a backlog.
  void ClearBacklog();

  // There are as many of these as clients, or more: the members leave no gaps.
  Overflow overflow = Overflow::kDropOldest;
  Feed feed : 7 = Feed::kLive;
  // Are there topics that it matches, and that its client may not have? Only the router writes it.
  bool has_holes : 1 = false;
  BacklogLimits max;

  Outbox* outbox = nullptr;
  std::unique_ptr<SubscriptionBacklog> backlog;

  uint64_t delivered_messages_total = 0;  // handed to the send queue
};
static_assert(sizeof(Subscription) == 56);

}  // namespace esockets::broker

#endif  // BROKER_SUBSCRIPTION_H_
