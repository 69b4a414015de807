// How many clients each user has, or each class of clients, on all loops together. Thread: any.
#ifndef BROKER_CLIENT_QUOTA_H_
#define BROKER_CLIENT_QUOTA_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "base/strings.h"

namespace esockets::broker {

class ClientQuota {
 public:
  // One more, which must leave. False: there are as many already; 0: there is no limit.
  bool Enter(std::string_view name, uint32_t clients_max) {
    const std::lock_guard lock(mutex_);
    uint32_t& clients = clients_.try_emplace(std::string(name)).first->second;
    if (clients_max != 0 && clients >= clients_max) return false;
    ++clients;
    return true;
  }
  void Leave(std::string_view name) {
    const std::lock_guard lock(mutex_);
    const auto found = clients_.find(name);
    if (--found->second == 0) clients_.erase(found);
  }
  size_t names() const {
    const std::lock_guard lock(mutex_);
    return clients_.size();
  }
  uint32_t Of(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    const auto found = clients_.find(name);
    return found == clients_.end() ? 0 : found->second;
  }
  // Of the one that has most.
  uint32_t most() const {
    const std::lock_guard lock(mutex_);
    uint32_t most = 0;
    for (const auto& [name, clients] : clients_) most = std::max(most, clients);
    return most;
  }

 private:
  mutable std::mutex mutex_;
  base::StringMap<uint32_t> clients_;  // of each that has some
};

}  // namespace esockets::broker

#endif  // BROKER_CLIENT_QUOTA_H_
