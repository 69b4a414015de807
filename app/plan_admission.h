// How many connections a configuration takes in, and how fast.
#ifndef APP_PLAN_ADMISSION_H_
#define APP_PLAN_ADMISSION_H_

#include "absl/status/status.h"
#include "app/config.h"
#include "app/plan_options.h"

namespace esockets::app {

// Fills its part of the plan. Any number is right. REQUIRES: the listeners are planned.
absl::Status PlanAdmission(const Config& config, const Places& places, Plan* plan);

}  // namespace esockets::app

#endif  // APP_PLAN_ADMISSION_H_
