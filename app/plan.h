// A configuration that makes sense, turned into options.
#ifndef APP_PLAN_H_
#define APP_PLAN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "app/broker_server.h"
#include "app/config.h"
#include "base/clock.h"
#include "base/log.h"
#include "gateways/http/admin_server.h"

namespace esockets::app {

struct Plan {
  BrokerOptions broker;
  http::AdminServerOptions admin;  // listens nowhere: there is none
  bool admin_by_default = false;   // nobody has asked for this address
  base::LogLevel log_level = base::LogLevel::kInfo;
  base::Duration drain_timeout = std::chrono::seconds(10);
  // What the user should know although it is allowed.
  std::vector<std::string> warnings;
};

// Errors: kInvalidArgument: "place: field: why" of the first mistake.
absl::StatusOr<Plan> MakePlan(const LoadedConfig& loaded);

}  // namespace esockets::app

#endif  // APP_PLAN_H_
