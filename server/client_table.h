// A server's clients by id: those that are open, and the latest that have closed. Thread: one at a
// time.
#ifndef SERVER_CLIENT_TABLE_H_
#define SERVER_CLIENT_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "base/by_id.h"
#include "server/connection.h"
#include "server/server_handler.h"

namespace esockets::server {

class ClientTable {
 public:
  // `closed_max`: closed clients that are kept.
  explicit ClientTable(size_t closed_max) : closed_max_(closed_max) {}

  // REQUIRES: it lives until OnClosed is called for it; ids rise.
  void Add(Connection* client) { open_.insert(client); }

  // Its last word; no effect on one that was erased. Returns those that are forgotten for it, maybe
  // itself: they may die when the caller's lock is released.
  [[nodiscard]] std::vector<ClientPtr> OnClosed(Connection* client);

  // Null: nobody has this id.
  ClientPtr Find(uint64_t id) const;

  // Forgets a client whose socket is closed, and returns it. Null: there is none with this id.
  [[nodiscard]] ClientPtr EraseClosed(uint64_t id);

  std::map<uint64_t, ClientPtr> All() const;

 private:
  const size_t closed_max_;
  // A pointer for each client, nearly without gaps, because ids rise: it keeps itself alive.
  absl::btree_set<Connection*, base::ById<Connection>> open_;
  absl::btree_map<uint64_t, ClientPtr> closed_;
  std::deque<uint64_t> closed_order_;  // oldest first
};

}  // namespace esockets::server

#endif  // SERVER_CLIENT_TABLE_H_
