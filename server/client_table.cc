#include "server/client_table.h"

#include <utility>
#include <vector>

namespace esockets::server {

std::vector<ClientPtr> ClientTable::OnClosed(Connection* client) {
  std::vector<ClientPtr> forgotten;
  if (open_.erase(client) == 0) return forgotten;
  closed_.emplace(client->id(), client->Self());
  closed_order_.push_back(client->id());
  while (closed_order_.size() > closed_max_) {
    const auto oldest = closed_.find(closed_order_.front());
    forgotten.push_back(std::move(oldest->second));
    closed_.erase(oldest);
    closed_order_.pop_front();
  }
  return forgotten;
}

ClientPtr ClientTable::Find(uint64_t id) const {
  const auto open = open_.find(id);
  if (open != open_.end()) return (*open)->Self();
  const auto closed = closed_.find(id);
  return closed == closed_.end() ? nullptr : closed->second;
}

ClientPtr ClientTable::EraseClosed(uint64_t id) {
  // Its callback of the end comes before ours.
  const auto open = open_.find(id);
  if (open != open_.end() && (*open)->closed()) {
    ClientPtr erased = (*open)->Self();
    open_.erase(open);
    return erased;
  }
  const auto found = closed_.find(id);
  if (found == closed_.end()) return nullptr;
  ClientPtr erased = std::move(found->second);
  closed_.erase(found);
  std::erase(closed_order_, id);
  return erased;
}

std::map<uint64_t, ClientPtr> ClientTable::All() const {
  std::map<uint64_t, ClientPtr> all(closed_.begin(), closed_.end());
  for (Connection* client : open_) all.emplace(client->id(), client->Self());
  return all;
}

}  // namespace esockets::server
