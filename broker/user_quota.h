// How many clients each user has, on all loops together. Thread: any.
#ifndef BROKER_USER_QUOTA_H_
#define BROKER_USER_QUOTA_H_

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "base/strings.h"

namespace esockets::broker {

class UserQuota {
 public:
  // One more, which must leave. False: there are as many already; 0: there is no limit.
  bool Enter(std::string_view user, uint32_t clients_max) {
    const std::lock_guard lock(mutex_);
    uint32_t& clients = clients_.try_emplace(std::string(user)).first->second;
    if (clients_max != 0 && clients >= clients_max) return false;
    ++clients;
    return true;
  }
  void Leave(std::string_view user) {
    const std::lock_guard lock(mutex_);
    const auto found = clients_.find(user);
    if (--found->second == 0) clients_.erase(found);
  }
  size_t users() const {
    const std::lock_guard lock(mutex_);
    return clients_.size();
  }

 private:
  mutable std::mutex mutex_;
  base::StringMap<uint32_t> clients_;  // of each user that has some
};

}  // namespace esockets::broker

#endif  // BROKER_USER_QUOTA_H_
