// The watchers of a client, by the filters of their subscriptions. Thread: the loop.
#ifndef CLIENTS_CPP_PRESENCE_WATCHERS_H_
#define CLIENTS_CPP_PRESENCE_WATCHERS_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/on_loop.h"
#include "clients/cpp/presence_watcher.h"

namespace esockets::client {

class PresenceWatchers {
 public:
  // The broker has confirmed its subscription.
  void Add(std::string filter, const std::shared_ptr<PresenceWatcher>& watcher) ESOCKETS_ON_LOOP {
    std::erase_if(watchers_, [](const auto& one) { return one.second.expired(); });
    watchers_.emplace_back(std::move(filter), watcher);
    watcher->OnSubscribed();
  }
  // All of them are subscribed again, on a new connection.
  void OnConnected() ESOCKETS_ON_LOOP {
    for (const auto& [filter, weak] : watchers_) {
      if (const auto watcher = weak.lock()) watcher->OnSubscribed();
    }
  }
  // Does somebody watch who makes it good?
  bool OnGap(std::string_view of_filter) ESOCKETS_ON_LOOP {
    bool is_watched = false;
    for (const auto& [filter, weak] : watchers_) {
      const auto watcher = filter == of_filter ? weak.lock() : nullptr;
      if (watcher == nullptr) continue;
      watcher->OnGap();
      is_watched = true;
    }
    return is_watched;
  }

 private:
  std::vector<std::pair<std::string, std::weak_ptr<PresenceWatcher>>> watchers_;
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_PRESENCE_WATCHERS_H_
