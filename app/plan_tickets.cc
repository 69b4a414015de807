#include "app/plan_tickets.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "app/secret_file.h"
#include "base/strings.h"
#include "base/whole_file.h"
#include "broker/auth/ticket_keys.h"
#include "broker/resume_tickets.h"

namespace esockets::app {
namespace {

using broker::TicketKeys;

constexpr size_t kKeyFileBytesMax = 4096;
constexpr uint32_t kLifetimeSeconds = 24 * 60 * 60;
constexpr uint32_t kLifetimeSecondsMax = 30 * kLifetimeSeconds;

absl::StatusOr<TicketKeys> ReadKeys(const std::string& path, Plan* plan) {
  auto text = base::ReadWholeFile(path, kKeyFileBytesMax);
  if (absl::IsNotFound(text.status())) {
    text = TicketKeys::NewLine();
    plan->new_files.push_back({.field = "ticket_key_file", .path = path, .text = *text});
  }
  if (!text.ok()) return text.status();
  return TicketKeys::Parse(*text);
}

}  // namespace

absl::Status PlanTickets(const Config& config, const Places& places, Plan* plan) {
  const uint32_t lifetime_s =
      config.has_ticket_lifetime_seconds() ? config.ticket_lifetime_seconds() : kLifetimeSeconds;
  if (lifetime_s > kLifetimeSecondsMax) {
    return places.Mistake(
        "ticket_lifetime_seconds",
        base::StrCat("must be at most ", kLifetimeSecondsMax, ", not ", lifetime_s));
  }
  if (lifetime_s == 0) return absl::OkStatus();
  // The same for all configurations of the process: tickets outlive a SIGHUP.
  static const TicketKeys process_keys = TicketKeys::Random();
  TicketKeys keys = process_keys;
  if (const std::string& path = config.ticket_key_file(); !path.empty()) {
    auto read = ReadKeys(path, plan);
    if (!read.ok()) return places.Mistake("ticket_key_file", base::Message(read.status()));
    keys = *std::move(read);
    WarnIfOthersMayRead(path, plan);
  }
  plan->broker.settings.tickets = std::make_shared<const broker::ResumeTickets>(
      std::move(keys), std::chrono::seconds(lifetime_s));
  return absl::OkStatus();
}

}  // namespace esockets::app
