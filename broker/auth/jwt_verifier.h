// Is a token good, and whose is it? JSON Web Tokens (RFC 7519) with one signature in the compact
// form (RFC 7515 section 7.1), after the advice of RFC 8725.
#ifndef BROKER_AUTH_JWT_VERIFIER_H_
#define BROKER_AUTH_JWT_VERIFIER_H_

#include <chrono>
#include <string_view>
#include <utility>

#include "broker/auth/jwk_set.h"
#include "broker/auth/jwt_claims.h"

namespace esockets::broker {

// Thread: any.
class JwtVerifier {
 public:
  JwtVerifier(JwkSet keys, JwtSettings settings)
      : keys_(std::move(keys)), settings_(std::move(settings)) {}

  // The token as a client sent it; `now` is the wall clock's. The signature is verified before
  // any claim is read.
  JwtVerdict Verify(std::string_view token, std::chrono::sys_seconds now) const;

  const JwtSettings& settings() const { return settings_; }
  const JwkSet& keys() const { return keys_; }

 private:
  JwkSet keys_;
  JwtSettings settings_;
};

}  // namespace esockets::broker

#endif  // BROKER_AUTH_JWT_VERIFIER_H_
