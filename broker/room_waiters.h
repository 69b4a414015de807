// Subscriptions for which more is read as soon as their clients take more. Thread: the loop.
#ifndef BROKER_ROOM_WAITERS_H_
#define BROKER_ROOM_WAITERS_H_

#include <vector>

#include "absl/container/flat_hash_map.h"
#include "broker/outbox.h"
#include "broker/subscription.h"

namespace esockets::broker {

class RoomWaiters {
 public:
  // REQUIRES: it does not wait.
  void Add(Subscription* subscription) { waiting_[subscription->outbox].push_back(subscription); }

  // REQUIRES: it waits.
  void Remove(Subscription* subscription) {
    const auto found = waiting_.find(subscription->outbox);
    std::erase(found->second, subscription);
    if (found->second.empty()) waiting_.erase(found);
  }

  // Those of this client, which wait no longer; none while it is behind.
  std::vector<Subscription*> Take(const Outbox& outbox) {
    const auto found = waiting_.find(&outbox);
    if (found == waiting_.end() || outbox.behind()) return {};
    std::vector<Subscription*> taken = std::move(found->second);
    waiting_.erase(found);
    return taken;
  }

 private:
  absl::flat_hash_map<const Outbox*, std::vector<Subscription*>> waiting_;
};

}  // namespace esockets::broker

#endif  // BROKER_ROOM_WAITERS_H_
