// The part of a plan that says how a listener encrypts.
#ifndef APP_PLAN_TLS_H_
#define APP_PLAN_TLS_H_

#include <string>

#include "absl/status/status.h"
#include "app/config.h"
#include "gateways/front.h"

namespace esockets::app {

// Reads the files that `config` names, for a listener with these protocols; `path` is the
// configuration's. Errors: the first mistake, with its place; a file that is no good.
absl::Status PlanTls(const Tls& config, const std::string& path, const Places& places,
                     gateways::Protocols* protocols);

}  // namespace esockets::app

#endif  // APP_PLAN_TLS_H_
