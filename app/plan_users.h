// The part of a plan that says who may come in.
#ifndef APP_PLAN_USERS_H_
#define APP_PLAN_USERS_H_

#include "absl/status/status.h"
#include "app/config.h"
#include "app/plan_options.h"

namespace esockets::app {

// Does the configuration say who may come in? Otherwise everybody may, and loopback alone is
// listened on.
bool NamesUsers(const Config& config);

// Reads the files that it names. Errors: the first mistake, with its place; a file that is no good.
absl::Status PlanUsers(const Config& config, const Places& places, Plan* plan);

}  // namespace esockets::app

#endif  // APP_PLAN_USERS_H_
