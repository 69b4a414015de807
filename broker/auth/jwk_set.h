// The keys that tokens may be signed with, each by its name (`kid`).
#ifndef BROKER_AUTH_JWK_SET_H_
#define BROKER_AUTH_JWK_SET_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "broker/auth/verification_key.h"

namespace esockets::broker {

// Thread: any, once it is filled.
// Errors: kInvalidArgument; says what is wrong and where, and nothing of a key. The set is then
// as it was before.
class JwkSet {
 public:
  // All keys of a JWK Set (RFC 7517 section 5). One that is not understood refuses all: a key
  // that is silently left out is found when the first client cannot connect. Each needs `kid`
  // and `alg`; private keys do not belong into a broker, and are refused.
  absl::Status AddJson(std::string_view json);
  // A public key as `openssl pkey -pubout` writes it, for "RS256", "ES256" or "EdDSA".
  absl::Status AddPem(std::string_view kid, std::string_view alg, std::string_view pem);
  // Of "HS256", as bytes.
  absl::Status AddSecret(std::string_view kid, std::string_view secret);

  size_t size() const { return keys_.size(); }
  // One for each key, in the order of the set: VerificationKey::fingerprint.
  std::vector<uint64_t> Fingerprints() const;
  // Null: there is no such key.
  const VerificationKey* Find(std::string_view kid) const;
  // Null: there are none or several.
  const VerificationKey* Only() const;

 private:
  using NamedKey = std::pair<std::string, VerificationKey>;
  absl::Status Add(std::string_view kid, absl::StatusOr<VerificationKey> key);

  std::vector<NamedKey> keys_;
};

}  // namespace esockets::broker

#endif  // BROKER_AUTH_JWK_SET_H_
