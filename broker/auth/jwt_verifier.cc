#include "broker/auth/jwt_verifier.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>

#include "broker/auth/base64url.h"
#include "broker/auth/limits.h"
#include "broker/auth/strict_json.h"
#include "broker/auth/verification_key.h"

namespace esockets::broker {
namespace {

// Each says where the key is, or how else to read the token; the broker knows both by itself
// (RFC 7515 section 4.1, RFC 7797).
constexpr std::string_view kForbiddenMembers[] = {"crit", "b64", "jku", "jwk", "x5u", "x5c"};

// Views of a token.
struct Parts {
  std::string_view header;
  std::string_view claims;
  std::string_view signature;
  std::string_view signed_text;
};

// Nothing: there are not three. The first two are never empty.
std::optional<Parts> Split(std::string_view token) {
  if (std::ranges::count(token, '.') != 2) return std::nullopt;
  const size_t first = token.find('.'), last = token.rfind('.');
  if (first == 0 || last == first + 1) return std::nullopt;
  return Parts{.header = token.substr(0, first),
               .claims = token.substr(first + 1, last - first - 1),
               .signature = token.substr(last + 1),
               .signed_text = token.substr(0, last)};
}

std::string ToLower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// A media type, with or without what it begins with (RFC 7515 section 4.1.9): another kind of
// token of the same issuer is not taken for one that opens doors (RFC 8725 section 3.11).
bool IsTokenType(const JsonValue& typ) {
  constexpr std::string_view kPrefix = "application/";
  if (!typ.is_string()) return false;
  std::string type = ToLower(typ.text);
  if (type.starts_with(kPrefix)) type.erase(0, kPrefix.size());
  return type == "jwt" || type == "at+jwt";
}

bool IsAllowed(const JsonValue& header) {
  const JsonValue* typ = header.Find("typ");
  return (typ == nullptr || IsTokenType(*typ)) &&
         std::ranges::none_of(kForbiddenMembers,
                              [&](std::string_view name) { return header.Find(name) != nullptr; });
}

using KeyOrRefusal = std::variant<const VerificationKey*, JwtRefusal>;

// The one key that the signature may be of. That its algorithm is the token's as well makes
// `none`, and a public key taken for a secret, fail here.
KeyOrRefusal ChooseKey(const JsonValue& header, const JwkSet& keys) {
  const JsonValue* alg = header.Find("alg");
  const JsonValue* kid = header.Find("kid");
  if (alg == nullptr || !alg->is_string()) return JwtRefusal::kMalformed;
  if (kid != nullptr && (!kid->is_string() || kid->text.empty())) return JwtRefusal::kMalformed;
  if (!IsAllowed(header)) return JwtRefusal::kHeaderNotAllowed;
  const VerificationKey* key = kid == nullptr ? keys.Only() : keys.Find(kid->text);
  if (key == nullptr) return JwtRefusal::kUnknownKey;
  if (alg->text != NameOf(key->algorithm())) return JwtRefusal::kWrongAlgorithm;
  return key;
}

}  // namespace

JwtVerdict JwtVerifier::Verify(std::string_view token, std::chrono::sys_seconds now) const {
  if (token.size() > kTokenBytesMax) return JwtRefusal::kTooLong;
  const auto parts = Split(token);
  if (!parts) return JwtRefusal::kMalformed;
  const auto header_text = DecodeBase64Url(parts->header);
  const auto claims_text = DecodeBase64Url(parts->claims);
  const auto signature = DecodeBase64Url(parts->signature);
  if (!header_text || !claims_text || !signature) return JwtRefusal::kMalformed;
  const auto header = ParseJsonObject(*header_text, kHeaderDepthMax);
  if (!header.ok()) return JwtRefusal::kMalformed;
  const KeyOrRefusal key = ChooseKey(*header, keys_);
  if (const auto* refusal = std::get_if<JwtRefusal>(&key)) return *refusal;
  const VerificationKey& verifies = *std::get<const VerificationKey*>(key);
  if (!verifies.Verifies(parts->signed_text, *signature)) return JwtRefusal::kBadSignature;
  JwtVerdict verdict = ReadJwtClaims(*claims_text, settings_, now);
  if (auto* claims = std::get_if<JwtClaims>(&verdict)) claims->key = verifies.fingerprint();
  return verdict;
}

}  // namespace esockets::broker
