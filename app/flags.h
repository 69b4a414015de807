// The broker's command line.
#ifndef APP_FLAGS_H_
#define APP_FLAGS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "app/config.h"

namespace esockets::app {

struct Flags {
  std::string config;  // path; empty: none
  bool check_config = false;
  // Each overrides the field of the configuration, when it is given.
  std::optional<std::string> host;
  std::optional<uint16_t> port;
  std::vector<std::string> listen;
  std::vector<std::string> admin_listen;
  std::vector<std::string> serve;  // PATH=FOLDER
  std::optional<uint32_t> loops;
  std::optional<std::string> log_level;
  std::optional<uint32_t> drain_timeout_ms;
  bool recv_queue = false;
  bool allow_remote_without_auth = false;
};

// An exit code when the program is done: after --help or --version, or with a mistake, which is
// printed.
std::optional<int> ParseFlags(int argc, char** argv, Flags* flags);

// The file's configuration with what the flags override. Errors: as of ReadConfig.
absl::StatusOr<LoadedConfig> LoadConfig(const Flags& flags);

}  // namespace esockets::app

#endif  // APP_FLAGS_H_
