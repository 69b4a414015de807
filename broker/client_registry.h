// The sessions of a loop by number. Thread: the loop.
#ifndef BROKER_CLIENT_REGISTRY_H_
#define BROKER_CLIENT_REGISTRY_H_

#include <cstddef>
#include <cstdint>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"

namespace esockets::broker {

class Session;

class ClientRegistry {
 public:
  // Its Connect is being decided. REQUIRES: the number is new; Remove comes before the session
  // dies.
  void AddConnecting(uint64_t session_id, Session* session) { connecting_[session_id] = session; }
  // It is connected.
  void Add(uint64_t session_id, Session* session) {
    connecting_.erase(session_id);
    connected_.emplace(session_id, session);
  }
  void Remove(uint64_t session_id) {
    connecting_.erase(session_id);
    connected_.erase(session_id);
  }

  // Null: it has gone.
  Session* Find(uint64_t session_id) const {
    const auto connected = connected_.find(session_id);
    if (connected != connected_.end()) return connected->second;
    const auto connecting = connecting_.find(session_id);
    return connecting == connecting_.end() ? nullptr : connecting->second;
  }

  // Those that are connected, in the order of their numbers, which is that of their coming.
  const absl::btree_map<uint64_t, Session*>& sessions() const { return connected_; }
  size_t size() const { return connected_.size(); }

 private:
  absl::btree_map<uint64_t, Session*> connected_;
  absl::flat_hash_map<uint64_t, Session*> connecting_;
};

}  // namespace esockets::broker

#endif  // BROKER_CLIENT_REGISTRY_H_
