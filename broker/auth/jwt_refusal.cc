#include "broker/auth/jwt_refusal.h"

#include <cstddef>

#include "broker/auth/limits.h"

namespace esockets::broker {
namespace {

// The words below say these numbers.
static_assert(kTokenBytesMax == 8 << 10 && kClaimsMax == 128 && kClaimsDepthMax == 16 &&
              kUserBytesMax == 256 && kGroupsMax == 256 && kGroupBytesMax == 256);

constexpr JwtRefusalInfo kRefusals[] = {
    {JwtRefusal::kTooLong, "TOO_LONG", "the token is longer than 8 KiB",
     "Issue tokens with fewer or shorter claims."},
    {JwtRefusal::kMalformed, "MALFORMED", "that is no signed JSON Web Token",
     "Send header.claims.signature in base64url, as the issuer gave it, with nothing around it."},
    {JwtRefusal::kHeaderNotAllowed, "HEADER_NOT_ALLOWED",
     "the token's header brings its own key, an extension or another type",
     "Issue tokens of the type JWT or at+jwt without crit, b64, jku, jwk, x5u and x5c."},
    {JwtRefusal::kUnknownKey, "UNKNOWN_KEY", "no configured key has the token's kid",
     "Configure the issuer's present keys; with several keys every token needs its kid."},
    {JwtRefusal::kWrongAlgorithm, "WRONG_ALGORITHM", "the token's alg is not the one of its key",
     "Sign with the algorithm that the key is configured for."},
    {JwtRefusal::kBadSignature, "BAD_SIGNATURE", "the token's signature does not fit its key",
     "Send the token unchanged, and configure the issuer's key under its kid."},

    {JwtRefusal::kClaimsMalformed, "CLAIMS_MALFORMED", "the token's claims are no JSON object",
     "Issue claims as one object of JSON, no name twice, at most 16 levels deep."},
    {JwtRefusal::kTooManyClaims, "TOO_MANY_CLAIMS", "the token has more than 128 claims",
     "Issue tokens with fewer claims."},
    {JwtRefusal::kTimeInvalid, "TIME_INVALID", "exp, nbf or iat is no time",
     "Issue them as a number of seconds, not milliseconds, since 1970."},
    {JwtRefusal::kNoExpiry, "NO_EXPIRY", "the token has no exp, and would be good for ever",
     "Issue tokens with exp, or configure that it may be absent."},
    {JwtRefusal::kExpired, "EXPIRED", "the token has expired", "Get a new token, and connect."},
    {JwtRefusal::kNotYetValid, "NOT_YET_VALID", "the token is not valid yet",
     "Wait until its nbf; if that is past, set the clocks of issuer and broker."},
    {JwtRefusal::kWrongIssuer, "WRONG_ISSUER", "the token's iss is not the configured one",
     "Get a token of that issuer, or correct the configuration."},
    {JwtRefusal::kWrongAudience, "WRONG_AUDIENCE", "the token is not meant for this broker",
     "Get a token whose aud has the broker's audience, and configure that audience."},
    {JwtRefusal::kNoSubject, "NO_SUBJECT", "the token names no user",
     "Issue sub as a string of 1 to 256 bytes without control characters."},
    {JwtRefusal::kGroupsInvalid, "GROUPS_INVALID", "the token's groups are no list of names",
     "Issue them as an array of at most 256 strings, each 1 to 256 bytes without control "
     "characters."},
};

}  // namespace

const JwtRefusalInfo& Info(JwtRefusal refusal) { return kRefusals[static_cast<size_t>(refusal)]; }

std::span<const JwtRefusalInfo> AllJwtRefusals() { return kRefusals; }

}  // namespace esockets::broker
