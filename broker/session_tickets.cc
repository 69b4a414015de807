#include "broker/session_tickets.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string_view>
#include <utility>
#include <variant>

#include "proto/esockets.pb.h"

namespace esockets::broker {

std::optional<AuthVerdict> SessionTickets::Judge(const proto::ConnectView& connect) {
  const Settings& settings = shard_.settings();
  const bool counts = settings.tickets != nullptr && !settings.authenticator->open();
  if (connect.resume.empty() || !counts) return std::nullopt;
  Identity identity;
  const TicketOutcome outcome = Take(connect, &identity);
  shard_.metrics.of(outcome).Add();
  if (outcome == TicketOutcome::kTaken) return identity;
  // Who has nothing else to show is not somebody without a name, but told.
  const bool shows_more = !connect.token.empty() || !connect.user.empty() ||
                          !connect.password.empty() ||
                          !session_.sink().certified_peer().name.empty();
  if (shows_more) return std::nullopt;
  return AuthRefusal{.detail = std::string(TicketOutcomeDetail(outcome))};
}

TicketOutcome SessionTickets::Take(const proto::ConnectView& connect, Identity* identity) {
  const Settings& settings = shard_.settings();
  const base::Clock& clock = shard_.executor.clock();
  auto opened = settings.tickets->Open(connect.resume, connect.client_id, clock);
  if (const auto* outcome = std::get_if<TicketOutcome>(&opened)) return *outcome;
  TicketHolder& holder = std::get<TicketHolder>(opened);
  auto recalled = settings.authenticator->Recall(std::move(holder.identity));
  if (!recalled) return TicketOutcome::kRevoked;
  const std::chrono::microseconds now(clock.WallMicros());
  if (!shard_.totals.used_tickets.Use(holder.serial, holder.expires_at, now)) {
    return TicketOutcome::kUsed;
  }
  *identity = *std::move(recalled);
  NoteWhereItWas(holder.was_at);
  return TicketOutcome::kTaken;
}

// --- where it was -------------------------------------------------------------------------------

// Where the ticket tells of this epoch of a stream, there; elsewhere it comes now.
void SessionTickets::NoteWhereItWas(const std::vector<NamedPosition>& was_at) {
  std::shared_ptr<const StreamPositions>& its = session_.rare_->was_at;
  its = shard_.recent_stream_heads.Get(shard_.totals.stream_heads, shard_.executor.TurnTime());
  if (its == nullptr) return;
  StreamPositions positions = *its;
  for (const NamedPosition& one : was_at) {
    const std::optional<uint32_t> stream = shard_.streams.rules().Named(one.stream);
    if (!stream || positions[*stream].epoch != one.position.epoch) continue;
    positions[*stream].position = std::min(positions[*stream].position, one.position.position);
  }
  if (positions != *its) its = std::make_shared<const StreamPositions>(std::move(positions));
}

std::vector<NamedPosition> SessionTickets::WhereItWas() const {
  std::vector<NamedPosition> named;
  const auto& was_at = session_.rare_->was_at;
  for (uint32_t stream = 0; was_at != nullptr && stream < was_at->size(); ++stream) {
    if ((*was_at)[stream].epoch == 0) continue;
    named.push_back({shard_.streams.rules()[stream].name, (*was_at)[stream]});
  }
  return named;
}

// Who may not read what was kept may hear what is published: for who was here at a position, that
// is all that came later, although its connection was lost meanwhile. A position that a client
// tells proves nothing; the ticket does.
SessionTickets::Access SessionTickets::AccessOf(const proto::SubscribeView& subscribe,
                                                std::optional<uint32_t> stream) const {
  const ClientPermissions permissions = session_.permissions();
  Access access{.grant = permissions.Of(subscribe)};
  if (!stream || subscribe.start != START_AFTER_POSITION) return access;
  proto::SubscribeView live = subscribe;
  live.start = START_NOW;
  const Grant of_live = permissions.Of(live);
  if (access.grant == of_live) return access;
  const StreamPositions* const was_at =
      session_.rare_ == nullptr ? nullptr : session_.rare_->was_at.get();
  access.as_live = was_at != nullptr && subscribe.start_epoch != 0 &&
                   (*was_at)[*stream].epoch == subscribe.start_epoch &&
                   (*was_at)[*stream].position <= subscribe.start_at;
  access.from_now = !access.as_live && access.grant == Grant::kNothing;
  if (access.as_live || access.from_now) access.grant = of_live;
  return access;
}

// --- the way back -------------------------------------------------------------------------------

uint32_t SessionTickets::TakeSlot() {
  return shard_.totals.reconnect_slots.Take(shard_.limits().reconnects_per_second,
                                            shard_.executor.TurnTime());
}

// Who has proved nothing would prove nothing by it. A certificate is shown in the handshake anyway,
// and may be revoked.
std::string SessionTickets::Issue() {
  const Settings& settings = shard_.settings();
  const Identity& identity = session_.identity();
  const bool shown = identity.proof != 0 && session_.sink().certified_peer().name.empty();
  if (settings.tickets == nullptr || settings.authenticator->open() || !shown) return {};
  if (session_.rare_->was_at == nullptr) NoteWhereItWas({});
  const bool chose = session_.rare_->chose_client_id;
  return settings.tickets->Issue({.client_id = chose ? session_.client_id() : std::string_view(),
                                  .identity = identity,
                                  .was_at = WhereItWas()},
                                 shard_.executor.clock());
}

}  // namespace esockets::broker
