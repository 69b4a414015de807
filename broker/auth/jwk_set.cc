#include "broker/auth/jwk_set.h"

#include <algorithm>
#include <array>
#include <span>

#include "absl/status/statusor.h"
#include "base/strings.h"
#include "broker/auth/base64url.h"
#include "broker/auth/limits.h"
#include "broker/auth/strict_json.h"

namespace esockets::broker {
namespace {

// Members of a private key (RFC 7518 sections 6.2.2 and 6.3.2, RFC 8037 section 2), and the one
// of a secret, which no other key has.
constexpr std::string_view kPrivateMembers[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};

struct KeyType {
  std::string_view kty;
  std::string_view crv;  // empty: it has none
  JwsAlgorithm algorithm;
};
constexpr KeyType kKeyTypes[] = {
    {"oct", "", JwsAlgorithm::kHs256},
    {"RSA", "", JwsAlgorithm::kRs256},
    {"EC", "P-256", JwsAlgorithm::kEs256},
    {"OKP", "Ed25519", JwsAlgorithm::kEdDsa},
};

template <typename... Ts>
absl::Status Refusal(const Ts&... ts) {
  return base::Error(absl::StatusCode::kInvalidArgument, ts...);
}

// Empty: it has none, or it is no string.
std::string_view StringOf(const JsonValue& object, std::string_view name) {
  const JsonValue* value = object.Find(name);
  if (value == nullptr || !value->is_string()) return {};
  return value->text;
}

absl::StatusOr<const KeyType*> TypeOf(const JsonValue& jwk) {
  const std::string_view kty = StringOf(jwk, "kty"), crv = StringOf(jwk, "crv");
  const auto type = std::ranges::find(kKeyTypes, kty, &KeyType::kty);
  if (type == std::end(kKeyTypes)) return Refusal("kty must be oct, RSA, EC or OKP");
  if (!type->crv.empty() && type->crv != crv) return Refusal("crv must be ", type->crv);
  const std::string_view alg = NameOf(type->algorithm);
  if (StringOf(jwk, "alg") != alg) return Refusal("alg must be ", alg);
  return type;
}

absl::Status CheckUse(const JsonValue& jwk) {
  if (jwk.Find("use") != nullptr && StringOf(jwk, "use") != "sig") {
    return Refusal("use must be sig, or absent");
  }
  const JsonValue* ops = jwk.Find("key_ops");
  if (ops == nullptr) return absl::OkStatus();
  if (!ops->is_strings()) return Refusal("key_ops must be an array of strings");
  const auto strings = ops->Strings();
  if (std::ranges::find(strings, "verify") == strings.end()) {
    return Refusal("key_ops must have verify, or be absent");
  }
  return absl::OkStatus();
}

absl::Status CheckPublic(const JsonValue& jwk) {
  for (const std::string_view name : kPrivateMembers) {
    if (jwk.Find(name) != nullptr) {
      return Refusal("it has the member ", name,
                     " of a private key; the broker needs the public half alone");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> BytesOf(const JsonValue& jwk, std::string_view name) {
  const JsonValue* value = jwk.Find(name);
  if (value == nullptr || !value->is_string()) return Refusal(name, " must be a string");
  auto bytes = DecodeBase64Url(value->text);
  if (!bytes) return Refusal(name, " must be base64url without padding");
  return *std::move(bytes);
}

// A key that has two numbers.
template <typename From>
absl::StatusOr<VerificationKey> OfTwo(const JsonValue& jwk, std::string_view first,
                                      std::string_view second, From from) {
  const auto a = BytesOf(jwk, first);
  if (!a.ok()) return a.status();
  const auto b = BytesOf(jwk, second);
  if (!b.ok()) return b.status();
  return from(*a, *b);
}

template <typename From>
absl::StatusOr<VerificationKey> OfOne(const JsonValue& jwk, std::string_view name, From from) {
  const auto bytes = BytesOf(jwk, name);
  if (!bytes.ok()) return bytes.status();
  return from(*bytes);
}

absl::StatusOr<VerificationKey> KeyOf(const JsonValue& jwk) {
  if (jwk.kind != JsonValue::Kind::kObject) return Refusal("it is no object");
  const auto type = TypeOf(jwk);
  if (!type.ok()) return type.status();
  absl::Status status = CheckUse(jwk);
  if (status.ok() && (*type)->algorithm != JwsAlgorithm::kHs256) status = CheckPublic(jwk);
  if (!status.ok()) return status;
  switch ((*type)->algorithm) {
    case JwsAlgorithm::kHs256:
      return OfOne(jwk, "k", VerificationKey::FromSecret);
    case JwsAlgorithm::kRs256:
      return OfTwo(jwk, "n", "e", VerificationKey::FromRsa);
    case JwsAlgorithm::kEs256:
      return OfTwo(jwk, "x", "y", VerificationKey::FromP256);
    case JwsAlgorithm::kEdDsa:
      return OfOne(jwk, "x", VerificationKey::FromEd25519);
  }
  return Refusal("no such algorithm");
}

}  // namespace

absl::Status JwkSet::AddJson(std::string_view json) {
  if (json.size() > kJwkSetBytesMax) {
    return Refusal("the JWK set has more than ", kJwkSetBytesMax, " bytes");
  }
  const auto document = ParseJsonObject(json, kJwkDepthMax);
  if (!document.ok()) return Refusal("the JWK set: ", base::Message(document.status()));
  const JsonValue* jwks = document->Find("keys");
  if (jwks == nullptr || jwks->kind != JsonValue::Kind::kArray || jwks->children.empty()) {
    return Refusal("the JWK set: keys must be an array of at least one key");
  }
  const size_t before = keys_.size();
  for (size_t i = 0; i < jwks->children.size(); ++i) {
    const JsonValue& jwk = jwks->children[i];
    const absl::Status status = Add(StringOf(jwk, "kid"), KeyOf(jwk));
    if (status.ok()) continue;
    keys_.erase(keys_.begin() + static_cast<std::ptrdiff_t>(before), keys_.end());
    return Refusal("keys[", i, "]: ", base::Message(status));
  }
  return absl::OkStatus();
}

absl::Status JwkSet::AddPem(std::string_view kid, std::string_view alg, std::string_view pem) {
  const auto algorithm = AlgorithmNamed(alg);
  if (!algorithm || *algorithm == JwsAlgorithm::kHs256) {
    return Refusal("alg must be RS256, ES256 or EdDSA");
  }
  return Add(kid, VerificationKey::FromPem(*algorithm, pem));
}

absl::Status JwkSet::AddSecret(std::string_view kid, std::string_view secret) {
  return Add(kid, VerificationKey::FromSecret(secret));
}

absl::Status JwkSet::Add(std::string_view kid, absl::StatusOr<VerificationKey> key) {
  if (!key.ok()) return key.status();
  if (kid.empty() || kid.size() > kKidBytesMax) {
    return Refusal("kid must be a string of 1 to ", kKidBytesMax, " bytes");
  }
  if (Find(kid) != nullptr) return Refusal("another key has the same kid");
  if (keys_.size() == kKeysMax) return Refusal("there are more than ", kKeysMax, " keys");
  keys_.emplace_back(kid, *std::move(key));
  return absl::OkStatus();
}

std::vector<uint64_t> JwkSet::Fingerprints() const {
  std::vector<uint64_t> fingerprints;
  fingerprints.reserve(keys_.size());
  for (const auto& [kid, key] : keys_) fingerprints.push_back(key.fingerprint());
  return fingerprints;
}

const VerificationKey* JwkSet::Find(std::string_view kid) const {
  const auto found = std::ranges::find(keys_, kid, &NamedKey::first);
  return found == keys_.end() ? nullptr : &found->second;
}

const VerificationKey* JwkSet::Only() const {
  return keys_.size() == 1 ? &keys_.front().second : nullptr;
}

}  // namespace esockets::broker
