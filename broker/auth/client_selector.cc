#include "broker/auth/client_selector.h"

#include <algorithm>

namespace esockets::broker {

bool ClientSelector::Fits(const Identity& identity) const {
  const auto is_group = [&identity](const std::string& group) {
    return std::ranges::find(identity.groups, group) != identity.groups.end();
  };
  const auto is_claim = [&identity](const auto& claim) {
    const auto found = identity.claims.find(claim.first);
    return found != identity.claims.end() && found->second == claim.second;
  };
  return (users.empty() || std::ranges::find(users, identity.user) != users.end()) &&
         (groups.empty() || std::ranges::any_of(groups, is_group)) &&
         (claims.empty() || std::ranges::any_of(claims, is_claim));
}

}  // namespace esockets::broker
