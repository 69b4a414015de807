#include "app/plan_presence.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/strings.h"
#include "broker/limits.h"

namespace esockets::app {
namespace {

using std::chrono::milliseconds;

absl::Status CheckFilter(const std::vector<broker::PresenceRule>& others, std::string_view filter,
                         const std::string& path, const Places& places,
                         const base::TopicLimits& limits) {
  if (const auto error = base::CheckFilter(filter, limits); error != base::TopicError::kOk) {
    return places.Mistake(path, base::TopicErrorText(error));
  }
  if (base::IsReserved(filter)) {
    return places.Mistake(path, "topics below $ are the broker's own");
  }
  for (const broker::PresenceRule& other : others) {
    if (!base::FiltersOverlap(other.filter, filter)) continue;
    return places.Mistake(
        path, base::StrCat("overlaps with \"", other.filter, "\": one rule says who may see whom"));
  }
  return absl::OkStatus();
}

// Stays as it is if nothing is said.
absl::Status PlanTime(bool is_said, uint32_t said_ms, base::Duration least, const std::string& path,
                      const Places& places, base::Duration* time) {
  if (!is_said) return absl::OkStatus();
  *time = milliseconds(said_ms);
  if (*time >= least && *time <= broker::kPresenceTimeMax) return absl::OkStatus();
  return places.Mistake(path,
                        base::StrCat("must lie between ", base::Millis(least), " and ",
                                     base::Millis(broker::kPresenceTimeMax), ", not ", said_ms));
}

absl::Status PlanVisibility(const Presence& config, const std::string& path, const Places& places,
                            broker::PresenceRule* rule) {
  if (!config.has_visible_to() ||
      broker::ParsePresenceVisibility(config.visible_to(), &rule->visible_to)) {
    return absl::OkStatus();
  }
  return places.Mistake(path, "must be MEMBERS, ANYBODY or ADMINS");
}

}  // namespace

absl::StatusOr<std::vector<broker::PresenceRule>> PlanPresence(const Config& config,
                                                               const Places& places,
                                                               const base::TopicLimits& limits) {
  std::vector<broker::PresenceRule> rules;
  for (int i = 0; i < config.presence_size(); ++i) {
    const Presence& said = config.presence(i);
    const std::string path = base::StrCat("presence[", i, "]");
    broker::PresenceRule rule;
    rule.filter = said.filter();
    for (const absl::Status& status :
         {CheckFilter(rules, said.filter(), path + ".filter", places, limits),
          PlanTime(said.has_window_ms(), said.window_ms(), broker::kPresenceWindowMin,
                   path + ".window_ms", places, &rule.window),
          PlanTime(said.has_grace_ms(), said.grace_ms(), base::Duration::zero(), path + ".grace_ms",
                   places, &rule.grace),
          PlanVisibility(said, path + ".visible_to", places, &rule)}) {
      if (!status.ok()) return status;
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace esockets::app
