// The part of a plan that says who may do what.
#ifndef APP_PLAN_PERMISSIONS_H_
#define APP_PLAN_PERMISSIONS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "app/config.h"
#include "broker/permissions/permission_policy.h"

namespace esockets::app {

// Errors: the first mistake, with its place.
absl::StatusOr<std::shared_ptr<const broker::PermissionPolicy>> PlanPermissions(
    const Config& config, const Places& places);

}  // namespace esockets::app

#endif  // APP_PLAN_PERMISSIONS_H_
