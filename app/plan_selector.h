// For which clients a permission or a class is.
#ifndef APP_PLAN_SELECTOR_H_
#define APP_PLAN_SELECTOR_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "app/config.h"
#include "base/strings.h"
#include "broker/auth/client_selector.h"

namespace esockets::app {

// `config`: the message at `path`, with its lists users, groups and claims.
template <typename Message>
absl::Status PlanSelector(const Message& config, const std::string& path, const Places& places,
                          broker::ClientSelector* who) {
  who->users.assign(config.users().begin(), config.users().end());
  who->groups.assign(config.groups().begin(), config.groups().end());
  for (int i = 0; i < config.claims_size(); ++i) {
    const std::string_view claim = config.claims(i);
    const size_t equals = claim.find('=');
    if (equals == 0 || equals == std::string_view::npos) {
      return places.Mistake(base::StrCat(path, ".claims[", i, "]"), "must be NAME=VALUE");
    }
    who->claims.emplace_back(claim.substr(0, equals), claim.substr(equals + 1));
  }
  return absl::OkStatus();
}

}  // namespace esockets::app

#endif  // APP_PLAN_SELECTOR_H_
