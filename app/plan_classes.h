// Which clients have limits of their own.
#ifndef APP_PLAN_CLASSES_H_
#define APP_PLAN_CLASSES_H_

#include "absl/status/status.h"
#include "app/config.h"
#include "app/plan_options.h"

namespace esockets::app {

// REQUIRES: listeners and limits are planned.
absl::Status PlanClasses(const Config& config, const Places& places, Plan* plan);

}  // namespace esockets::app

#endif  // APP_PLAN_CLASSES_H_
