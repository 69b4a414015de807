// What `limits` comes to: bounds of what clients may do, and of what is kept for them.
#ifndef APP_PLAN_LIMITS_H_
#define APP_PLAN_LIMITS_H_

#include <string>

#include "absl/status/status.h"
#include "app/config.h"
#include "app/plan_options.h"
#include "broker/limits.h"

namespace esockets::app {

absl::Status PlanLimits(const Config& config, const Places& places, Plan* plan);

// Those of one client alone, which `config` at `path` gives: the others of `*limits` stay.
absl::Status PlanClientLimits(const Limits& config, const std::string& path, const Places& places,
                              broker::Limits* limits);

}  // namespace esockets::app

#endif  // APP_PLAN_LIMITS_H_
