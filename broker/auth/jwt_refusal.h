// Why a token is refused, as logs and operators read it. None of it repeats the token.
#ifndef BROKER_AUTH_JWT_REFUSAL_H_
#define BROKER_AUTH_JWT_REFUSAL_H_

#include <cstdint>
#include <span>
#include <string_view>

namespace esockets::broker {

enum class JwtRefusal : uint8_t {
  // Before its signature was looked at: anybody can have written it.
  kTooLong,
  kMalformed,
  kHeaderNotAllowed,
  kUnknownKey,
  kWrongAlgorithm,
  kBadSignature,
  // Of what an issuer that is trusted has written.
  kClaimsMalformed,
  kTooManyClaims,
  kTimeInvalid,
  kNoExpiry,
  kExpired,
  kNotYetValid,
  kWrongIssuer,
  kWrongAudience,
  kNoSubject,
  kGroupsInvalid,
};

struct JwtRefusalInfo {
  JwtRefusal refusal;
  // UPPER_SNAKE, for metrics and logs.
  std::string_view name;
  // What is wrong.
  std::string_view text;
  // What the one who gets, issues or configures tokens should do.
  std::string_view advice;
};

const JwtRefusalInfo& Info(JwtRefusal refusal);

// Every reason, in the order above.
std::span<const JwtRefusalInfo> AllJwtRefusals();

}  // namespace esockets::broker

#endif  // BROKER_AUTH_JWT_REFUSAL_H_
