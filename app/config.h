// The configuration as a message, and where each of its fields was set.
#ifndef APP_CONFIG_H_
#define APP_CONFIG_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "app/config.pb.h"

namespace esockets::app {

// Where fields were set, by path ("limits.frame_bytes_max", "users[1].name"): "file:line:column",
// or the flag.
class Places {
 public:
  void Set(std::string_view path, std::string_view place);
  // The field and all below it were set elsewhere.
  void Replace(std::string_view path, std::string_view place);
  // Of the field, or of the nearest one around it that was set. Empty: a default.
  std::string_view Of(std::string_view path) const;

  // kInvalidArgument: "place: field: why".
  absl::Status Mistake(std::string_view path, std::string_view why) const;

 private:
  std::map<std::string, std::string, std::less<>> places_;
};

struct LoadedConfig {
  Config config;
  Places places;
};

// Reads text-format protobuf. Errors: kInvalidArgument, "file:line:column: why", or why the file
// cannot be read.
absl::StatusOr<LoadedConfig> ReadConfig(const std::string& path);
absl::StatusOr<LoadedConfig> ParseConfig(std::string_view text, std::string_view file_name);

}  // namespace esockets::app

#endif  // APP_CONFIG_H_
