// The sessions of a loop by number. Thread: the loop.
#ifndef BROKER_CLIENT_REGISTRY_H_
#define BROKER_CLIENT_REGISTRY_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "base/by_id.h"

namespace esockets::broker {

// A template, because the sessions know it too.
template <typename Session>
class ClientRegistry {
 public:
  // In the order of their numbers, which is that of their coming.
  using Sessions = absl::btree_set<Session*, base::ById<Session>>;

  // Its Connect is being decided. REQUIRES: the number is new; Remove comes before the session
  // dies.
  void AddConnecting(Session* session) { connecting_.emplace(session->id(), session); }
  // It is connected.
  void Add(Session* session) {
    connecting_.erase(session->id());
    connected_.insert(connected_.end(), session);
  }
  void Remove(const Session* session) {
    connecting_.erase(session->id());
    connected_.erase(session->id());
  }

  // Null: it has gone.
  Session* Find(uint64_t session_id) const {
    const auto connected = connected_.find(session_id);
    if (connected != connected_.end()) return *connected;
    const auto connecting = connecting_.find(session_id);
    return connecting == connecting_.end() ? nullptr : connecting->second;
  }

  // Those that are connected, and those whose Connect is being decided; as they are now.
  std::vector<Session*> All() const {
    std::vector<Session*> all(connected_.begin(), connected_.end());
    for (const auto& [id, session] : connecting_) all.push_back(session);
    return all;
  }

  // Those that are connected.
  const Sessions& sessions() const { return connected_; }
  size_t size() const { return connected_.size(); }

 private:
  Sessions connected_;  // a pointer each
  absl::flat_hash_map<uint64_t, Session*> connecting_;
};

}  // namespace esockets::broker

#endif  // BROKER_CLIENT_REGISTRY_H_
