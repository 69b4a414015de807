// The configuration: a file, and flags that override it, checked and turned into options.
#ifndef APP_CONFIG_H_
#define APP_CONFIG_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "app/broker_server.h"
#include "app/config.pb.h"
#include "base/clock.h"
#include "base/log.h"

namespace esockets::app {

// Reads text-format protobuf. Errors: kInvalidArgument, one line a mistake: "file:line:column:
// why".
absl::StatusOr<Config> ReadConfig(const std::string& path);
absl::StatusOr<Config> ParseConfig(std::string_view text, std::string_view file_name);

// A configuration that makes sense.
struct Plan {
  BrokerOptions broker;
  base::LogLevel log_level = base::LogLevel::kInfo;
  base::Duration drain_timeout = std::chrono::seconds(10);
  std::vector<std::string> warnings;
};

// Errors: kInvalidArgument with the field and the reason.
absl::StatusOr<Plan> MakePlan(const Config& config);

// Fields that differ, by path ("limits.frame_bytes_max"), apart by whether they can change live.
struct ConfigChanges {
  std::vector<std::string> live;
  std::vector<std::string> needs_restart;
};
ConfigChanges CompareConfigs(const Config& before, const Config& after);

}  // namespace esockets::app

#endif  // APP_CONFIG_H_
