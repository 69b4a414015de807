// The presence rules of a configuration, as the broker takes them.
#ifndef APP_PLAN_PRESENCE_H_
#define APP_PLAN_PRESENCE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "app/config.h"
#include "base/topic.h"
#include "broker/presence_rules.h"

namespace esockets::app {

// Errors: InvalidArgument, with the place of the mistake.
absl::StatusOr<std::vector<broker::PresenceRule>> PlanPresence(const Config& config,
                                                               const Places& places,
                                                               const base::TopicLimits& limits);

}  // namespace esockets::app

#endif  // APP_PLAN_PRESENCE_H_
