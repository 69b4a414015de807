#include "broker/overflow_rules.h"

#include "absl/container/flat_hash_set.h"

namespace esockets::broker {
namespace {

using What = OverflowStep::What;

GapReason ReasonOf(Shortage shortage) {
  if (shortage == Shortage::kOfBroker) return GapReason::kBrokerMemory;
  return shortage == Shortage::kOfAge ? GapReason::kTooOld : GapReason::kBacklogFull;
}

// The message that is dropped for another; null: none may be. Where the subscriptions of a client
// share what is short, it is the oldest of all: a busy one shall not starve a quiet one.
BacklogEntry* WhoGivesWay(const Room& room, const Subscription& subscription, Shortage shortage) {
  if (shortage >= Shortage::kOfClient && room.front != nullptr &&
      room.front->subscription->gives_way()) {
    return room.front;
  }
  return subscription.gives_way() ? room.oldest : nullptr;
}

// A room in which messages are dropped in thought alone.
class ImaginedRoom {
 public:
  // REQUIRES: `subscription` outlives this.
  ImaginedRoom(const Room& room, const Subscription* subscription)
      : room_(room), subscription_(*subscription) {}

  const Room& room() const { return room_; }

  void Drop(const BacklogEntry* entry) {
    const MessageSize size = entry->message->size();
    if (entry->subscription == &subscription_) {
      --room_.messages;
      room_.bytes -= size.frame_bytes;
    }
    room_.client_memory_bytes -= size.memory_bytes + kBacklogEntryMemoryBytes;
    room_.broker_memory_bytes -= size.memory_bytes + kBacklogEntryMemoryBytes;
    dropped_.insert(entry);
    while (dropped_.contains(room_.oldest)) room_.oldest = room_.oldest->next_of_subscription;
    while (dropped_.contains(room_.front)) room_.front = room_.front->next;
  }

 private:
  Room room_;
  const Subscription& subscription_;
  absl::flat_hash_set<const BacklogEntry*> dropped_;
};

}  // namespace

OverflowStep OverflowRules::Next(const Room& room, const MessageSize& size,
                                 const Subscription& subscription) const {
  const auto worthless = room.oldest != nullptr ? Worthless(*room.oldest) : std::nullopt;
  if (worthless) return {.what = What::kDrop, .reason = *worthless, .victim = room.oldest};
  const Shortage shortage = ShortageFor(room, size, subscription);
  if (shortage == Shortage::kNone) return {.what = What::kAppend};
  OverflowStep step{.what = What::kRefuse, .shortage = shortage, .reason = ReasonOf(shortage)};
  if (BacklogEntry* victim = WhoGivesWay(room, subscription, shortage)) {
    step.what = What::kDrop;
    step.victim = victim;
  } else if (subscription.overflow == Overflow::kDisconnect) {
    step.what = What::kEnd;
  }
  return step;
}

Shortage OverflowRules::ShortageFor(const Room& room, const MessageSize& size,
                                    const Subscription& subscription) const {
  if (room.oldest != nullptr && subscription.IsTooOld(*room.oldest->message, now_)) {
    return Shortage::kOfAge;
  }
  if (room.messages + 1 > subscription.max.messages) return Shortage::kOfSubscription;
  if (room.bytes + size.frame_bytes > subscription.max.bytes) return Shortage::kOfSubscription;
  return ShortageOfMemory(room, size.memory_bytes + kBacklogEntryMemoryBytes);
}

Shortage OverflowRules::ShortageOfMemory(const Room& room, uint64_t more_bytes) const {
  if (room.client_memory_bytes + more_bytes > limits_.backlog_bytes_max) {
    return Shortage::kOfClient;
  }
  if (room.broker_memory_bytes + more_bytes > limits_.backlogs_bytes_max) {
    return Shortage::kOfBroker;
  }
  return Shortage::kNone;
}

BacklogEntry* OverflowRules::OlderOf(const proto::MessageLabel& label,
                                     const Subscription& subscription) {
  if (subscription.overflow != Overflow::kConflate) return nullptr;
  if (!subscription.backlog || !subscription.backlog->latest) return nullptr;
  return subscription.backlog->latest->Find(label);
}

bool OverflowRules::TakesPlace(const Room& room, const BacklogEntry& older, const MessageSize& size,
                               const Subscription& subscription) const {
  const MessageSize now = older.message->size();
  if (size.frame_bytes <= now.frame_bytes) return true;
  return room.bytes + (size.frame_bytes - now.frame_bytes) <= subscription.max.bytes &&
         ShortageOfMemory(room, size.memory_bytes - now.memory_bytes) == Shortage::kNone;
}

std::optional<GapReason> OverflowRules::Worthless(const BacklogEntry& entry) const {
  if (entry.message->ExpiredAt(now_)) return GapReason::kExpired;
  const Subscription& subscription = *entry.subscription;
  if (subscription.gives_way() && subscription.IsTooOld(*entry.message, now_)) {
    return GapReason::kTooOld;
  }
  return std::nullopt;
}

Fate OverflowRules::FateOf(const proto::MessageLabel& label, const MessageSize& size,
                           const Room& room, const Subscription& subscription) const {
  Fate fate{.what = Fate::What::kWaits, .room = room};
  ImaginedRoom imagined(room, &subscription);
  if (const BacklogEntry* older = OlderOf(label, subscription)) {
    fate.what = Fate::What::kReplaces;
    if (TakesPlace(room, *older, size, subscription)) return fate;
    imagined.Drop(older);
  }
  while (true) {
    const OverflowStep step = Next(imagined.room(), size, subscription);
    if (step.shortage != Shortage::kNone) fate.shortage = step.shortage;
    if (step.what == What::kRefuse) fate.what = Fate::What::kRefused;
    if (step.what == What::kEnd) fate.what = Fate::What::kDisconnects;
    if (step.what != What::kDrop) return fate;
    imagined.Drop(step.victim);
    ++(step.shortage == Shortage::kNone ? fate.worthless_messages : fate.dropped_messages);
    if (fate.dropped_messages > 0) fate.what = Fate::What::kDropsOldest;
  }
}

}  // namespace esockets::broker
