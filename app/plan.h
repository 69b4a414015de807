// A configuration that makes sense, turned into options.
#ifndef APP_PLAN_H_
#define APP_PLAN_H_

#include "absl/status/statusor.h"
#include "app/config.h"
#include "app/plan_options.h"

namespace esockets::app {

// Errors: kInvalidArgument: "place: field: why" of the first mistake.
absl::StatusOr<Plan> MakePlan(const LoadedConfig& loaded);

}  // namespace esockets::app

#endif  // APP_PLAN_H_
