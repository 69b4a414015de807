#include "app/reload.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/strings.h"

namespace esockets::app {

absl::StatusOr<Reload> PlanReload(const Config& running, const LoadedConfig& next) {
  // Right in itself: or the next start would fail.
  if (const absl::StatusOr<Plan> alone = MakePlan(next); !alone.ok()) return alone.status();
  LoadedConfig merged{.config = WithoutRestart(running, next.config), .places = next.places};
  absl::StatusOr<Plan> plan = MakePlan(merged);
  if (!plan.ok()) {
    return base::Error(absl::StatusCode::kInvalidArgument, base::Message(plan.status()),
                       " (with what cannot change before the next start)");
  }
  return Reload{.running = std::move(merged.config),
                .plan = *std::move(plan),
                .changes = CompareConfigs(running, next.config)};
}

void LogReload(const Reload& reload) {
  const auto log = [](base::LogLevel level, std::string_view event, const ConfigChange& change) {
    base::Log(level, event, {{"field", change.path}, {"from", change.from}, {"to", change.to}});
  };
  for (const ConfigChange& change : reload.changes.live) {
    log(base::LogLevel::kInfo, "configuration changed", change);
  }
  for (const ConfigChange& change : reload.changes.needs_restart) {
    log(base::LogLevel::kWarning, "configuration changes with the next start", change);
  }
  const auto encrypted = std::ranges::count_if(
      reload.plan.broker.protocols,
      [](const gateways::Protocols& listener) { return listener.tls != nullptr; });
  if (encrypted > 0) {
    base::Log(base::LogLevel::kInfo, "certificates read again",
              {{"listeners", static_cast<size_t>(encrypted)}});
  }
  if (reload.running.has_jwt() || !reload.running.password_file().empty()) {
    const WhoMayComeIn& who = reload.plan.who;
    base::Log(base::LogLevel::kInfo, "users read again",
              {{"users", who.users}, {"tokens", who.tokens}, {"anonymous", who.anonymous}});
  }
  base::Log(base::LogLevel::kInfo, "configuration reloaded",
            {{"changed", reload.changes.live.size()},
             {"with_next_start", reload.changes.needs_restart.size()}});
}

void LogReloadFailed(const absl::Status& why) {
  base::Log(base::LogLevel::kError, "configuration not reloaded, nothing has changed",
            {{"reason", base::Message(why)}});
}

}  // namespace esockets::app
