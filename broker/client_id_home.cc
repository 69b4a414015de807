#include "broker/client_id_home.h"

#include <utility>

#include "base/check.h"

namespace esockets::broker {

using Outcome = ClientIdAnswerParcel::Outcome;

// Whatever is posted may be for this very loop, and is then handled within the call: it comes last.

void ClientIdHome::OnClaim(uint32_t from, ClientIdClaimParcel claim, size_t clients_max) {
  const Owner claimant{from, claim.session};
  const auto found = owners_.find(claim.client_id);
  if (found == owners_.end()) {
    if (totals_.clients.fetch_add(1) >= clients_max) {
      totals_.clients.fetch_sub(1);
      return Answer(claim.client_id, claimant, Outcome::kTooManyClients);
    }
    owners_.emplace(claim.client_id, claimant);
    return Answer(claim.client_id, claimant, Outcome::kGranted);
  }
  if (!claim.take_over) return Answer(claim.client_id, claimant, Outcome::kTaken);
  std::deque<Claim>& waiting = waiting_[claim.client_id];
  waiting.push_back({from, claim.session, std::move(claim.user)});
  if (waiting.size() > 1) return;  // the owner has been asked already
  const Claim first = waiting.front();
  Evict(claim.client_id, found->second, first);
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
  const Owner owner = owners_.at(kept.client_id);
  const Claim refused = waiting_.at(kept.client_id).front();
  const std::optional<Claim> next = Advance(kept.client_id);
  Answer(kept.client_id, {refused.loop, refused.session}, Outcome::kOtherUser);
  if (next) Evict(kept.client_id, owner, *next);
}

void ClientIdHome::OnReleased(const ClientIdReleasedParcel& released) {
  const auto owner = owners_.find(released.client_id);
  ESOCKETS_CHECK(owner != owners_.end() && owner->second.session == released.session);
  const auto waiting = waiting_.find(released.client_id);
  if (waiting == waiting_.end()) {
    owners_.erase(owner);
    totals_.clients.fetch_sub(1);
    return;
  }
  const Owner heir{waiting->second.front().loop, waiting->second.front().session};
  owner->second = heir;
  const std::optional<Claim> next = Advance(released.client_id);
  Answer(released.client_id, heir, Outcome::kGranted);
  if (next) Evict(released.client_id, heir, *next);
}

const ClientIdHome::Owner* ClientIdHome::Find(std::string_view client_id) const {
  const auto found = owners_.find(client_id);
  return found == owners_.end() ? nullptr : &found->second;
}

void ClientIdHome::Answer(const std::string& client_id, const Owner& to, Outcome outcome) {
  siblings_.Post(to.loop, ClientIdAnswerParcel{client_id, to.session, outcome});
}

void ClientIdHome::Evict(const std::string& client_id, const Owner& owner, const Claim& for_whom) {
  siblings_.Post(owner.loop, ClientIdEvictParcel{.client_id = client_id,
                                                 .user = for_whom.user,
                                                 .session = owner.session,
                                                 .by_session = for_whom.session});
}

}  // namespace esockets::broker
