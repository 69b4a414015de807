#include "broker/client_id_home.h"

#include <utility>

#include "base/check.h"

namespace esockets::broker {

using Outcome = ClientIdAnswerParcel::Outcome;

// Whatever is posted may be for this very loop, and is then handled within the call: it comes last.

void ClientIdHome::OnClaim(uint32_t from, ClientIdClaimParcel claim, size_t clients_max) {
  const Owner claimant{from, claim.session};
  const ClientIdEntry* found = owners_.Find(claim.client_id);
  if (found == nullptr) {
    if (totals_.clients.fetch_add(1) >= clients_max) {
      totals_.clients.fetch_sub(1);
      return Answer(claim.client_id, claimant, Outcome::kTooManyClients);
    }
    const ClientIdEntry* entry =
        owners_.Insert(ClientIdEntry::Make(claim.client_id, from, claim.session));
    return Answer(claim.client_id, claimant, Outcome::kGranted, entry);
  }
  if (!claim.take_over) return Answer(claim.client_id, claimant, Outcome::kTaken);
  std::deque<Claim>& waiting = waiting_[claim.client_id];
  waiting.push_back({from, claim.session, std::move(claim.user)});
  if (waiting.size() > 1) return;  // the owner has been asked already
  const Claim first = waiting.front();
  Evict(claim.client_id, {found->loop, found->session}, first);
}

// The first who waits leaves the queue. Returns who is the first now, if anybody.
std::optional<ClientIdHome::Claim> ClientIdHome::Advance(const std::string& client_id) {
  const auto waiting = waiting_.find(client_id);
  waiting->second.pop_front();
  if (!waiting->second.empty()) return waiting->second.front();
  waiting_.erase(waiting);
  return std::nullopt;
}

void ClientIdHome::OnKept(const ClientIdKeptParcel& kept) {
  const ClientIdEntry* entry = owners_.Find(kept.client_id);
  ESOCKETS_CHECK(entry != nullptr);
  const Owner owner{entry->loop, entry->session};
  const Claim refused = waiting_.at(kept.client_id).front();
  const std::optional<Claim> next = Advance(kept.client_id);
  Answer(kept.client_id, {refused.loop, refused.session}, Outcome::kOtherUser);
  if (next) Evict(kept.client_id, owner, *next);
}

void ClientIdHome::OnReleased(const ClientIdReleasedParcel& released) {
  ClientIdEntry* entry = owners_.Find(released.client_id);
  ESOCKETS_CHECK(entry != nullptr && entry->session == released.session);
  const auto waiting = waiting_.find(released.client_id);
  if (waiting == waiting_.end()) {
    owners_.Erase(entry);
    totals_.clients.fetch_sub(1);
    return;
  }
  const Owner heir{waiting->second.front().loop, waiting->second.front().session};
  entry->loop = heir.loop;
  entry->session = heir.session;
  const std::optional<Claim> next = Advance(released.client_id);
  Answer(released.client_id, heir, Outcome::kGranted, entry);
  if (next) Evict(released.client_id, heir, *next);
}

void ClientIdHome::Answer(const std::string& client_id, const Owner& to, Outcome outcome,
                          const ClientIdEntry* entry) {
  siblings_.Post(to.loop, ClientIdAnswerParcel{client_id, to.session, outcome, entry});
}

void ClientIdHome::Evict(const std::string& client_id, const Owner& owner, const Claim& for_whom) {
  siblings_.Post(owner.loop, ClientIdEvictParcel{.client_id = client_id,
                                                 .user = for_whom.user,
                                                 .session = owner.session,
                                                 .by_session = for_whom.session});
}

}  // namespace esockets::broker
