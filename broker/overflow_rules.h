// What the overflow contracts say of one more message for a client that is behind. Changes nothing:
// the outbox carries it out, and a trace asks what would be carried out. Thread: the loop.
#ifndef BROKER_OVERFLOW_RULES_H_
#define BROKER_OVERFLOW_RULES_H_

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "broker/backlog_entry.h"
#include "broker/gap.h"
#include "broker/limits.h"
#include "broker/subscription.h"
#include "broker/waiting_message.h"
#include "proto/message_frame.h"

namespace esockets::broker {

// Which limit one more message would break; from kOfClient on, subscriptions share it.
enum class Shortage : uint8_t { kNone, kOfAge, kOfSubscription, kOfClient, kOfBroker };

// What a message finds that has to wait.
struct Room {
  BacklogEntry* oldest = nullptr;  // of its subscription; null: nothing waits
  BacklogEntry* front = nullptr;   // of its client
  uint64_t messages = 0;           // of its subscription
  uint64_t bytes = 0;
  uint64_t client_memory_bytes = 0;  // with the entries
  uint64_t broker_memory_bytes = 0;
};

// What has to be done next, so that the message has a place or is known to have none.
struct OverflowStep {
  enum class What : uint8_t { kAppend, kDrop, kRefuse, kEnd };
  What what;
  Shortage shortage = Shortage::kNone;  // none where what is dropped is worthless
  GapReason reason{};                   // of what is dropped or refused
  BacklogEntry* victim = nullptr;       // to be dropped; the next step follows
};

// What would become of a message.
struct Fate {
  enum class What : uint8_t {
    kDelivered,
    kReads,
    kWaits,
    kReplaces,
    kDropsOldest,
    kRefused,
    kDisconnects
  };
  What what;
  Shortage shortage = Shortage::kNone;  // for which others would be dropped, or it has no place
  uint64_t dropped_messages = 0;        // for it
  uint64_t worthless_messages = 0;      // dropped, because they are not to be delivered any more
  Room room;                            // as it is now

  bool receives() const { return what <= What::kDropsOldest; }
};

class OverflowRules {
 public:
  // REQUIRES: `limits` outlive the rules.
  OverflowRules(const Limits* limits, base::TimePoint now) : limits_(*limits), now_(now) {}

  OverflowStep Next(const Room& room, const MessageSize& size,
                    const Subscription& subscription) const;

  // The one of its topic and key that waits, which a message replaces under CONFLATE; null: none.
  static BacklogEntry* OlderOf(const proto::MessageLabel& label, const Subscription& subscription);
  // May it take the place of that? If it is larger than there is room for, it is treated as any
  // other, and the older one is dropped for it.
  bool TakesPlace(const Room& room, const BacklogEntry& older, const MessageSize& size,
                  const Subscription& subscription) const;

  // Why a message that waits is not to be delivered any more.
  std::optional<GapReason> Worthless(const BacklogEntry& entry) const;

  // All steps in thought, for a client that is behind or is about to be.
  Fate FateOf(const proto::MessageLabel& label, const MessageSize& size, const Room& room,
              const Subscription& subscription) const;

 private:
  Shortage ShortageFor(const Room& room, const MessageSize& size,
                       const Subscription& subscription) const;
  Shortage ShortageOfMemory(const Room& room, uint64_t more_bytes) const;

  const Limits& limits_;
  const base::TimePoint now_;
};

}  // namespace esockets::broker

#endif  // BROKER_OVERFLOW_RULES_H_
