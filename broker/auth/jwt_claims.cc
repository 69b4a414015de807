#include "broker/auth/jwt_claims.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "broker/auth/limits.h"
#include "broker/auth/strict_json.h"

namespace esockets::broker {
namespace {

using Kind = JsonValue::Kind;
using std::chrono::sys_seconds;

// Nothing: all is well so far.
using Objection = std::optional<JwtRefusal>;

// Of ASCII, and U+0080 to U+009F.
bool HasControls(std::string_view utf8) {
  char before = 0;
  for (const char c : utf8) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte < 0x20 || byte == 0x7F || (before == '\xC2' && byte < 0xA0)) return true;
    before = c;
  }
  return false;
}

// A name that goes into logs, on pages and into topics.
bool IsName(const JsonValue& value, size_t bytes_max) {
  return value.is_string() && !value.text.empty() && value.text.size() <= bytes_max &&
         !HasControls(value.text);
}

// Seconds since 1970 (RFC 7519 section 2, NumericDate), with decimals or without.
std::optional<double> SecondsOf(const JsonValue& value) {
  if (value.kind != Kind::kNumber) return std::nullopt;
  double seconds = 0;
  // Reads all that JSON calls a number. The limit is far below where a double skips whole ones.
  const auto parsed =
      std::from_chars(value.text.data(), value.text.data() + value.text.size(), seconds);
  if (parsed.ec != std::errc() || std::abs(seconds) > static_cast<double>(kTokenTimeMax)) {
    return std::nullopt;
  }
  return seconds;
}

sys_seconds At(double whole_seconds) {
  return sys_seconds(std::chrono::seconds(static_cast<int64_t>(whole_seconds)));
}

Objection CheckTimes(const JsonValue& object, const JwtSettings& settings, sys_seconds now,
                     JwtClaims& claims) {
  std::optional<double> exp, nbf, iat;
  const std::pair<std::string_view, std::optional<double>*> times[] = {
      {"exp", &exp}, {"nbf", &nbf}, {"iat", &iat}};
  for (const auto& [name, time] : times) {
    const JsonValue* value = object.Find(name);
    if (value == nullptr) continue;
    *time = SecondsOf(*value);
    if (!*time) return JwtRefusal::kTimeInvalid;
  }
  if (!exp && settings.exp_required) return JwtRefusal::kNoExpiry;
  // What lies between two seconds never lengthens the token's life.
  if (exp) claims.expires_at = At(std::floor(*exp));
  if (exp && now - settings.leeway >= *claims.expires_at) return JwtRefusal::kExpired;
  if (nbf && now + settings.leeway < At(std::ceil(*nbf))) return JwtRefusal::kNotYetValid;
  return std::nullopt;
}

Objection CheckIssuer(const JsonValue& object, const JwtSettings& settings, JwtClaims& claims) {
  const JsonValue* iss = object.Find("iss");
  if (iss != nullptr && !iss->is_string()) return JwtRefusal::kWrongIssuer;
  if (iss != nullptr) claims.issuer = iss->text;
  if (!settings.issuer.empty() && claims.issuer != settings.issuer) {
    return JwtRefusal::kWrongIssuer;
  }
  return std::nullopt;
}

// RFC 7519 section 4.1.3: who is not named among the audience, having no name included, refuses.
Objection CheckAudience(const JsonValue& object, const JwtSettings& settings) {
  const JsonValue* aud = object.Find("aud");
  if (aud == nullptr && settings.audience.empty()) return std::nullopt;
  if (aud == nullptr || settings.audience.empty()) return JwtRefusal::kWrongAudience;
  const auto is_ours = [&](const JsonValue& a) { return a.text == settings.audience; };
  const bool fits = aud->is_string()
                        ? is_ours(*aud)
                        : aud->is_strings() && std::ranges::any_of(aud->children, is_ours);
  return fits ? Objection() : JwtRefusal::kWrongAudience;
}

Objection TakeUser(const JsonValue& object, JwtClaims& claims) {
  const JsonValue* sub = object.Find("sub");
  if (sub == nullptr || !IsName(*sub, kUserBytesMax)) return JwtRefusal::kNoSubject;
  claims.user = sub->text;
  return std::nullopt;
}

// What is no list of names may have been meant to forbid something: it is not taken for none.
Objection TakeGroups(const JsonValue& object, const JwtSettings& settings, JwtClaims& claims) {
  const JsonValue* groups = object.Find(settings.groups_claim);
  if (groups == nullptr) return std::nullopt;
  const auto is_group = [](const JsonValue& g) { return IsName(g, kGroupBytesMax); };
  if (groups->is_string() && is_group(*groups)) {
    claims.groups = {groups->text};
    return std::nullopt;
  }
  if (!groups->is_strings() || groups->children.size() > kGroupsMax ||
      !std::ranges::all_of(groups->children, is_group)) {
    return JwtRefusal::kGroupsInvalid;
  }
  claims.groups = groups->Strings();
  return std::nullopt;
}

void TakeOthers(JsonValue& object, JwtClaims& claims) {
  for (size_t i = 0; i < object.names.size(); ++i) {
    JsonValue& value = object.children[i];
    if (value.is_strings()) {
      claims.lists.emplace(std::move(object.names[i]), value.Strings());
    } else if (value.kind != Kind::kNull && value.kind < Kind::kArray) {
      claims.scalars.emplace(std::move(object.names[i]), std::move(value.text));
    }
  }
}

}  // namespace

JwtVerdict ReadJwtClaims(std::string_view text, const JwtSettings& settings, sys_seconds now) {
  auto object = ParseJsonObject(text, kClaimsDepthMax);
  if (!object.ok()) return JwtRefusal::kClaimsMalformed;
  if (object->names.size() > kClaimsMax) return JwtRefusal::kTooManyClaims;
  JwtClaims claims;
  Objection objection = CheckTimes(*object, settings, now, claims);
  if (!objection) objection = CheckIssuer(*object, settings, claims);
  if (!objection) objection = CheckAudience(*object, settings);
  if (!objection) objection = TakeUser(*object, claims);
  if (!objection) objection = TakeGroups(*object, settings, claims);
  if (objection) return *objection;
  TakeOthers(*object, claims);
  return claims;
}

}  // namespace esockets::broker
