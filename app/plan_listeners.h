// Where a configuration listens, what is spoken there, and who may come in by the way of pages.
#ifndef APP_PLAN_LISTENERS_H_
#define APP_PLAN_LISTENERS_H_

#include "absl/status/status.h"
#include "app/config.h"
#include "app/plan_options.h"

namespace esockets::app {

// Both fill their part of the plan. Errors: kInvalidArgument, with the place of the mistake.

// Addresses, of administration as well, and the protocols of each.
absl::Status PlanListeners(const Config& config, const Places& places, Plan* plan);

// Names of administration, WebSocket and pages. REQUIRES: the limits are planned.
absl::Status PlanDoors(const Config& config, const Places& places, Plan* plan);

}  // namespace esockets::app

#endif  // APP_PLAN_LISTENERS_H_
