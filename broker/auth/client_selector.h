// Which clients something is for, as an operator writes it: users, groups, claims of tokens.
#ifndef BROKER_AUTH_CLIENT_SELECTOR_H_
#define BROKER_AUTH_CLIENT_SELECTOR_H_

#include <string>
#include <utility>
#include <vector>

#include "broker/auth/identity.h"

namespace esockets::broker {

// Each list that is not empty must have one that fits; without any it is for everybody.
struct ClientSelector {
  std::vector<std::string> users;
  std::vector<std::string> groups;
  std::vector<std::pair<std::string, std::string>> claims;  // of a token: name and value

  bool Fits(const Identity& identity) const;
};

}  // namespace esockets::broker

#endif  // BROKER_AUTH_CLIENT_SELECTOR_H_
