#include "broker/session_tickets.h"

#include <chrono>
#include <string_view>
#include <utility>
#include <variant>

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
  auto recalled = settings.authenticator->Recall(std::move(holder.identity), holder.stamp);
  if (!recalled) return TicketOutcome::kRevoked;
  const std::chrono::microseconds now(clock.WallMicros());
  if (!shard_.totals.used_tickets.Use(holder.serial, holder.expires_at, now)) {
    return TicketOutcome::kUsed;
  }
  *identity = *std::move(recalled);
  return TicketOutcome::kTaken;
}

uint32_t SessionTickets::TakeSlot() {
  return shard_.totals.reconnect_slots.Take(shard_.limits().reconnects_per_second,
                                            shard_.executor.TurnTime());
}

// A certificate is shown in the handshake anyway, and may be revoked.
std::string SessionTickets::Issue() {
  const Settings& settings = shard_.settings();
  const Identity& identity = session_.identity();
  const bool shown = !identity.user.empty() && session_.sink().certified_peer().name.empty();
  if (settings.tickets == nullptr || settings.authenticator->open() || !shown) return {};
  const uint64_t stamp = settings.authenticator->StampOf(identity);
  if (stamp == 0) return {};
  const bool chose = session_.rare_->chose_client_id;
  return settings.tickets->Issue(chose ? session_.client_id() : std::string_view(), identity, stamp,
                                 shard_.executor.clock());
}

}  // namespace esockets::broker
