// SIGHUP: takes over a new configuration, all or nothing.
#ifndef APP_RELOAD_H_
#define APP_RELOAD_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "app/config.h"
#include "app/config_changes.h"
#include "app/plan.h"

namespace esockets::app {

struct Reload {
  Config running;  // from here on
  Plan plan;       // of `running`
  ConfigChanges changes;
};

// Errors: as of MakePlan. What needs a restart stays as it is; with that the rest must make sense
// too: users cannot go away while addresses are listened on that need them.
absl::StatusOr<Reload> PlanReload(const Config& running, const LoadedConfig& next);

// What changes now and what with the next start, a line each.
void LogReload(const Reload& reload);
void LogReloadFailed(const absl::Status& why);

}  // namespace esockets::app

#endif  // APP_RELOAD_H_
