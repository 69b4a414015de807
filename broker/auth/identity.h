// Who a client says it is, and who it was found to be.
#ifndef BROKER_AUTH_IDENTITY_H_
#define BROKER_AUTH_IDENTITY_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"

namespace esockets::broker {

// As the client shows them. A token decides, if there is one, then a password, then the
// certificate.
struct Credentials {
  std::string_view token;
  std::string_view user;
  std::string_view password;
  // Of the certificate that the client has shown, which is good; empty: it has shown none.
  std::string_view certificate_name{};
  std::optional<std::chrono::sys_seconds> certificate_expires_at{};
};

struct Identity {
  std::string user;    // empty: anonymous
  bool admin = false;  // may send requests to $SYS
  std::vector<std::string> groups{};
  base::StringMap<std::string> claims{};  // of a token, as text
  // From then on it is nobody. Nothing: it does not end.
  std::optional<std::chrono::sys_seconds> expires_at{};
  // By which its authenticator knows the credential again that it has shown; 0: it has shown none
  // that was looked at.
  uint64_t proof = 0;
  size_t told_groups = 0;  // the first so many groups are those of its token

  bool operator==(const Identity&) const = default;
};

}  // namespace esockets::broker

#endif  // BROKER_AUTH_IDENTITY_H_
