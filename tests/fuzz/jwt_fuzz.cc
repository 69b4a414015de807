// A token is refused with a reason, or its bearer has a name that can be shown: also of claims that
// are signed. What is taken says what another reader of JSON reads, and stands no change.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/utf8.h"
#include "broker/auth/jwk_set.h"
#include "broker/auth/jwt_claims.h"
#include "broker/auth/jwt_refusal.h"
#include "broker/auth/jwt_verifier.h"
#include "broker/auth/limits.h"
#include "nlohmann/json.hpp"
#include "tests/fuzz/expect.h"
#include "tests/support/jwt_maker.h"

namespace {

using esockets::broker::JwkSet;
using esockets::broker::JwtClaims;
using esockets::broker::JwtRefusal;
using esockets::broker::JwtSettings;
using esockets::broker::JwtVerdict;
using esockets::broker::JwtVerifier;
using esockets::tests::Expect;
using esockets::tests::SigningKey;

constexpr std::chrono::sys_seconds kNow{std::chrono::seconds(1'700'000'000)};
constexpr std::string_view kSecret = "a secret of thirty-two letters!!";
// A key of each other algorithm: nobody here can sign for them.
constexpr std::string_view kPublicKeys =
    R"({"keys":[
  {"kty":"EC","crv":"P-256","alg":"ES256","kid":"e","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
   "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},
  {"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"d",
   "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
  {"kty":"RSA","alg":"RS256","kid":"r","e":"AQAB","n":")"
    R"(ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0B)"
    R"(m4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5)"
    R"(z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7)"
    R"(aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ)"
    R"("}]})";

const JwtVerifier& VerifierOf(uint8_t choice) {
  static const JwtVerifier* const verifiers = [] {
    const auto make = [](JwtSettings settings) {
      JwkSet keys;
      Expect(keys.AddSecret("s", kSecret).ok() && keys.AddJson(kPublicKeys).ok(), "no keys");
      return JwtVerifier(std::move(keys), std::move(settings));
    };
    return new JwtVerifier[2]{make({}), make({.issuer = "id",
                                              .audience = "broker",
                                              .groups_claim = "roles",
                                              .exp_required = false})};
  }();
  return verifiers[choice & 1];
}

void ExpectName(std::string_view name, size_t bytes_max) {
  Expect(!name.empty() && name.size() <= bytes_max, "a name of no length, or over its limit");
  Expect(esockets::base::IsValidUtf8(name), "a name that is no UTF-8");
  for (const char c : name) Expect(static_cast<uint8_t>(c) >= ' ' && c != 0x7F, "a control");
}

// By another reader, which has its own way with names that come twice and with depth.
void ExpectSaid(std::string_view text, const JwtClaims& claims) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  Expect(json.is_object(), "taken, and no object");
  Expect(json.value("sub", "") == claims.user, "another user");
  Expect(json.contains("exp") == claims.expires_at.has_value(), "another end");
  Expect(json.size() >= claims.scalars.size() + claims.lists.size(), "more than was said");
  for (const auto& [name, value] : claims.scalars) {
    const auto& said = json.at(name);
    Expect(said.is_string() ? said == value : said.is_boolean() || said.is_number(), "no scalar");
  }
  for (const auto& [name, values] : claims.lists) Expect(json.at(name) == values, "another list");
}

// Reason or claims, in keeping with the choice of settings.
void Check(const JwtVerdict& verdict, uint8_t choice) {
  if (const auto* refusal = std::get_if<JwtRefusal>(&verdict)) {
    Expect(!Info(*refusal).text.empty(), "a reason without words");
    return;
  }
  const auto& claims = std::get<JwtClaims>(verdict);
  const bool is_strict = (choice & 1) != 0;
  ExpectName(claims.user, esockets::broker::kUserBytesMax);
  Expect(claims.groups.size() <= esockets::broker::kGroupsMax, "too many groups");
  for (const auto& group : claims.groups) ExpectName(group, esockets::broker::kGroupBytesMax);
  Expect(!is_strict || claims.issuer == "id", "another issuer");
  Expect(is_strict || claims.expires_at.has_value(), "no end");
  Expect(!claims.expires_at || *claims.expires_at > kNow - std::chrono::seconds(30), "expired");
}

// As a client sends it. The secret of seeds is known, so some of these are good.
void VerifyRaw(uint8_t choice, std::string_view token) {
  Check(VerifierOf(choice).Verify(token, kNow), choice);
}

// The first line is the header, and what is behind it the claims; their signature fits.
void VerifySigned(uint8_t choice, std::string_view text) {
  const size_t end = text.find('\n');
  if (end == std::string_view::npos) return;
  static const SigningKey signer = SigningKey::Secret(kSecret);
  const std::string token =
      esockets::tests::MakeToken(text.substr(0, end), text.substr(end + 1), signer);
  const JwtVerifier& verifier = VerifierOf(choice);
  const JwtVerdict verdict = verifier.Verify(token, kNow);
  Check(verdict, choice);
  const auto* refusal = std::get_if<JwtRefusal>(&verdict);
  Expect(refusal == nullptr || *refusal != JwtRefusal::kBadSignature, "the signature is good");
  if (refusal != nullptr) return;
  ExpectSaid(text.substr(end + 1), std::get<JwtClaims>(verdict));
  const size_t at = choice / 4 % token.size();
  std::string changed = token;
  changed[at] ^= 1;
  Expect(std::holds_alternative<JwtRefusal>(verifier.Verify(changed, kNow)), "changed, and taken");
}

}  // namespace

// Of the first byte bit 0 chooses the settings, bit 1 whether the rest is signed, and the others
// what is changed.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  (data[0] & 2) != 0 ? VerifySigned(data[0], text) : VerifyRaw(data[0], text);
  return 0;
}
