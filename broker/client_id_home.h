// Who has which client id: one view of the whole broker for the ids that have their home on this
// loop. A client that connects with an id in use gets it when the older one has gone.
// Thread: the loop.
#ifndef BROKER_CLIENT_ID_HOME_H_
#define BROKER_CLIENT_ID_HOME_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/on_loop.h"
#include "base/strings.h"
#include "broker/broker_totals.h"
#include "broker/client_id_entry.h"
#include "broker/sharded_set.h"
#include "broker/siblings.h"

namespace esockets::broker {

class ClientIdHome {
 public:
  // REQUIRES: both outlive this.
  ClientIdHome(Siblings* siblings, BrokerTotals* totals) : siblings_(*siblings), totals_(*totals) {}
  ClientIdHome(const ClientIdHome&) = delete;
  ClientIdHome& operator=(const ClientIdHome&) = delete;

  // Answered with a ClientIdAnswerParcel; a session that was granted the id releases it once.
  // `clients_max`: of the broker.
  void OnClaim(uint32_t from, ClientIdClaimParcel claim, size_t clients_max) ESOCKETS_ON_LOOP;
  void OnKept(const ClientIdKeptParcel& kept) ESOCKETS_ON_LOOP;
  void OnReleased(const ClientIdReleasedParcel& released) ESOCKETS_ON_LOOP;

  // Will this user have it as soon as it is released?
  bool IsWaitedFor(std::string_view client_id, std::string_view user) const {
    const auto waiting = waiting_.find(client_id);
    return waiting != waiting_.end() && waiting->second.front().user == user;
  }

  // Null: nobody has it.
  const ClientIdEntry* Find(std::string_view client_id) const { return owners_.Find(client_id); }

 private:
  struct Owner {
    uint32_t loop;
    uint64_t session;
  };
  struct Claim {
    uint32_t loop;
    uint64_t session;
    std::string user;
  };

  std::optional<Claim> Advance(const std::string& client_id);
  void Answer(const std::string& client_id, const Owner& to, ClientIdAnswerParcel::Outcome outcome,
              const ClientIdEntry* entry = nullptr) ESOCKETS_ON_LOOP;
  void Evict(const std::string& client_id, const Owner& owner,
             const Claim& for_whom) ESOCKETS_ON_LOOP;

  Siblings& siblings_;
  BrokerTotals& totals_;
  ShardedSet<ClientIdEntry> owners_;
  // Until the owner has gone, which was asked to for the first of them.
  base::StringMap<std::deque<Claim>> waiting_;
};

}  // namespace esockets::broker

#endif  // BROKER_CLIENT_ID_HOME_H_
