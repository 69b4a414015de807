// The sessions of a loop by client id and by number. Thread: the loop.
#ifndef BROKER_CLIENT_REGISTRY_H_
#define BROKER_CLIENT_REGISTRY_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "base/strings.h"

namespace esockets::broker {

class Session;

class ClientRegistry {
 public:
  // REQUIRES: neither the id nor the number is taken; Remove comes before the session dies.
  void Add(std::string_view client_id, uint64_t session_id, Session* session) {
    by_client_id_.emplace(client_id, session);
    by_session_id_.emplace(session_id, session);
  }

  void Remove(std::string_view client_id, uint64_t session_id) {
    const auto found = by_client_id_.find(client_id);
    if (found != by_client_id_.end()) by_client_id_.erase(found);
    by_session_id_.erase(session_id);
  }

  // Null: nobody has this id.
  Session* Find(std::string_view client_id) const {
    const auto found = by_client_id_.find(client_id);
    return found == by_client_id_.end() ? nullptr : found->second;
  }

  // In the order of their numbers, which is that of their coming.
  const absl::btree_map<uint64_t, Session*>& sessions() const { return by_session_id_; }
  size_t size() const { return by_session_id_.size(); }

 private:
  base::StringMap<Session*> by_client_id_;
  absl::btree_map<uint64_t, Session*> by_session_id_;
};

}  // namespace esockets::broker

#endif  // BROKER_CLIENT_REGISTRY_H_
