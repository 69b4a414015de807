// What a configuration comes to.
#ifndef APP_PLAN_OPTIONS_H_
#define APP_PLAN_OPTIONS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "app/broker_server.h"
#include "base/clock.h"
#include "base/log.h"
#include "gateways/http/admin_server.h"

namespace esockets::app {

// For people who look at what the broker says when it starts.
struct WhoMayComeIn {
  size_t users = 0;
  bool tokens = false;     // of an issuer
  bool anonymous = false;  // where there are users or tokens
};

// A file that is not there yet, for this user alone.
struct NewFile {
  std::string field;  // of the configuration, which names it
  std::string path;
  std::string text;
};

struct Plan {
  BrokerOptions broker;
  http::AdminServerOptions admin;  // listens nowhere: there is none
  bool admin_by_default = false;   // nobody has asked for this address
  base::LogLevel log_level = base::LogLevel::kInfo;
  base::Duration drain_timeout = std::chrono::seconds(10);
  WhoMayComeIn who;
  bool loopback_only = true;       // of those who may come in without a name
  std::vector<NewFile> new_files;  // to be made before the plan is carried out
  // What the user should know although it is allowed.
  std::vector<std::string> warnings;
};

}  // namespace esockets::app

#endif  // APP_PLAN_OPTIONS_H_
