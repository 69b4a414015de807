// What differs between two configurations, field by field, and what of it can change while the
// broker runs.
#ifndef APP_CONFIG_CHANGES_H_
#define APP_CONFIG_CHANGES_H_

#include <string>
#include <vector>

#include "app/config.pb.h"

namespace esockets::app {

// Texts for people: secrets are "hidden".
struct ConfigChange {
  std::string path;  // "limits.frame_bytes_max", "users[alice].token"
  std::string from;  // "default": the field is not set
  std::string to;
};

struct ConfigChanges {
  std::vector<ConfigChange> live;
  std::vector<ConfigChange> needs_restart;
};

// Users are the same when their names are.
ConfigChanges CompareConfigs(const Config& before, const Config& after);

// `next`, but for the fields that need a restart: those are as in `running`.
Config WithoutRestart(const Config& running, const Config& next);

}  // namespace esockets::app

#endif  // APP_CONFIG_CHANGES_H_
