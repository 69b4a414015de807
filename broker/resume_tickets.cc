#include "broker/resume_tickets.h"

#include <algorithm>
#include <random>
#include <utility>

#include "proto/ticket.pb.h"

namespace esockets::broker {
namespace {

// In front of all: a later version of what follows has another.
constexpr char kVersion = '\x01';

// What is later is no number of microseconds; none that was issued says so.
constexpr auto kExpiresMax =
    std::chrono::floor<std::chrono::seconds>(std::chrono::microseconds::max());

std::chrono::microseconds Now(const base::Clock& clock) {
  return std::chrono::microseconds(clock.WallMicros());
}

uint64_t NewSerial() {
  thread_local std::random_device device;
  return uint64_t{device()} << 32 | device();
}

TicketHolder HolderOf(const Ticket& ticket) {
  TicketHolder holder{.serial = ticket.serial(),
                      .expires_at = std::chrono::microseconds(ticket.expires_us()),
                      .identity = {.user = ticket.user(),
                                   .admin = ticket.admin(),
                                   .groups = {ticket.groups().begin(), ticket.groups().end()},
                                   .proof = ticket.proof()}};
  holder.identity.told_groups =
      std::min<size_t>(ticket.told_groups(), holder.identity.groups.size());
  for (const auto& [name, value] : ticket.claims()) holder.identity.claims[name] = value;
  if (ticket.identity_expires_s() != 0) {
    holder.identity.expires_at =
        std::chrono::sys_seconds(std::chrono::seconds(ticket.identity_expires_s()));
  }
  for (const TicketPosition& one : ticket.was_at()) {
    holder.was_at.push_back({one.stream(), {.epoch = one.epoch(), .position = one.position()}});
  }
  return holder;
}

}  // namespace

std::string_view TicketOutcomeText(TicketOutcome outcome) {
  constexpr std::string_view kTexts[] = {"taken",        "invalid", "expired",
                                         "other_client", "used",    "revoked"};
  static_assert(std::size(kTexts) == kTicketOutcomes);
  return kTexts[static_cast<size_t>(outcome)];
}

std::string_view TicketOutcomeDetail(TicketOutcome outcome) {
  constexpr std::string_view kDetails[] = {
      "",
      "the ticket is not valid here",
      "the ticket has expired",
      "the ticket is that of another client id",
      "the ticket was used before",
      "the ticket is that of credentials that do not count any more"};
  static_assert(std::size(kDetails) == kTicketOutcomes);
  return kDetails[static_cast<size_t>(outcome)];
}

std::string ResumeTickets::Issue(const About& about, const base::Clock& clock) const {
  const Identity& identity = about.identity;
  Ticket ticket;
  ticket.set_serial(NewSerial());
  ticket.set_client_id(std::string(about.client_id));
  for (const NamedPosition& was_at : about.was_at) {
    if (ticket.was_at_size() == int{kTicketPositionsMax}) break;
    TicketPosition& added = *ticket.add_was_at();
    added.set_stream(was_at.stream);
    added.set_epoch(was_at.position.epoch);
    added.set_position(was_at.position.position);
  }
  ticket.set_user(identity.user);
  ticket.set_admin(identity.admin);
  ticket.set_proof(keys_.Hide(identity.proof, ticket.serial()));
  ticket.mutable_groups()->Assign(identity.groups.begin(), identity.groups.end());
  ticket.set_told_groups(static_cast<uint32_t>(identity.told_groups));
  for (const auto& [name, value] : identity.claims) (*ticket.mutable_claims())[name] = value;
  std::chrono::microseconds expires_at =
      Now(clock) + std::chrono::duration_cast<std::chrono::microseconds>(lifetime_);
  if (identity.expires_at) {
    expires_at =
        std::min<std::chrono::microseconds>(expires_at, identity.expires_at->time_since_epoch());
    ticket.set_identity_expires_s(identity.expires_at->time_since_epoch().count());
  }
  ticket.set_expires_us(expires_at.count());
  std::string bytes(1, kVersion);
  ticket.AppendToString(&bytes);
  bytes += keys_.Sign(bytes);
  return bytes.size() <= kTicketBytesMax ? bytes : std::string();
}

std::variant<TicketHolder, TicketOutcome> ResumeTickets::Open(std::string_view ticket,
                                                              std::string_view client_id,
                                                              const base::Clock& clock) const {
  constexpr size_t kAround = 1 + TicketKeys::kSignatureBytes;
  if (ticket.size() < kAround || ticket.size() > kTicketBytesMax) return TicketOutcome::kInvalid;
  const std::string_view text = ticket.substr(0, ticket.size() - TicketKeys::kSignatureBytes);
  const std::optional<size_t> signer = keys_.SignerOf(text, ticket.substr(text.size()));
  if (!signer) return TicketOutcome::kInvalid;
  Ticket parsed;
  if (text[0] != kVersion ||
      !parsed.ParseFromArray(text.data() + 1, static_cast<int>(text.size() - 1))) {
    return TicketOutcome::kInvalid;
  }
  if (parsed.identity_expires_s() < 0 || parsed.identity_expires_s() > kExpiresMax.count()) {
    return TicketOutcome::kInvalid;
  }
  if (std::chrono::microseconds(parsed.expires_us()) <= Now(clock)) return TicketOutcome::kExpired;
  if (parsed.client_id() != client_id) return TicketOutcome::kOtherClient;
  parsed.set_proof(keys_.Hide(parsed.proof(), parsed.serial(), *signer));
  return HolderOf(parsed);
}

}  // namespace esockets::broker
