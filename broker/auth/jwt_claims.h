// What a token says of its bearer (RFC 7519 section 4), once its signature is known to be good.
#ifndef BROKER_AUTH_JWT_CLAIMS_H_
#define BROKER_AUTH_JWT_CLAIMS_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/strings.h"
#include "broker/auth/jwt_refusal.h"

namespace esockets::broker {

struct JwtSettings {
  std::string issuer;    // what iss must be; empty: anything
  std::string audience;  // what aud must have; empty: no token that has one is taken
  std::string groups_claim = "groups";
  bool exp_required = true;
  // How far the clocks of issuer and broker may differ.
  std::chrono::seconds leeway{30};
};

struct JwtClaims {
  std::string user;    // sub: never empty, UTF-8 without control characters
  std::string issuer;  // empty: there is none
  // From then on the token is not taken any more, leeway aside. Nothing: never.
  std::optional<std::chrono::sys_seconds> expires_at;
  std::vector<std::string> groups;  // none empty, UTF-8 without control characters
  // The top level once more, by name, unchecked: strings, "true" and "false", numbers as they were
  // written; and arrays of nothing but strings. Null, objects and other arrays are left out.
  base::StringMap<std::string> scalars;
  base::StringMap<std::vector<std::string>> lists;
  uint64_t key = 0;  // fingerprint of the one that verified the signature; 0: none was asked

  bool operator==(const JwtClaims&) const = default;
};

using JwtVerdict = std::variant<JwtClaims, JwtRefusal>;

// REQUIRES: the text was signed by who may sign. `now` is the wall clock's.
JwtVerdict ReadJwtClaims(std::string_view text, const JwtSettings& settings,
                         std::chrono::sys_seconds now);

}  // namespace esockets::broker

#endif  // BROKER_AUTH_JWT_CLAIMS_H_
