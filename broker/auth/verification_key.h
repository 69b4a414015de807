// One key and the one algorithm that it verifies: what a token says about its algorithm decides
// nothing (RFC 8725 section 3.1).
#ifndef BROKER_AUTH_VERIFICATION_KEY_H_
#define BROKER_AUTH_VERIFICATION_KEY_H_

#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"

namespace esockets::broker {

// RFC 7518 section 3.1 and RFC 8037 section 3.1.
enum class JwsAlgorithm : uint8_t { kHs256, kRs256, kEs256, kEdDsa };

// "HS256", "RS256", "ES256", "EdDSA".
std::string_view NameOf(JwsAlgorithm algorithm);
// Nothing: none of these. Case counts (RFC 7515 section 4.1.1).
std::optional<JwsAlgorithm> AlgorithmNamed(std::string_view name);

// Numbers are big-endian bytes. Errors: kInvalidArgument; tells what is wrong, and no key.
// Thread: any.
class VerificationKey {
 public:
  static absl::StatusOr<VerificationKey> FromSecret(std::string_view secret);
  static absl::StatusOr<VerificationKey> FromRsa(std::string_view modulus,
                                                 std::string_view exponent);
  static absl::StatusOr<VerificationKey> FromP256(std::string_view x, std::string_view y);
  static absl::StatusOr<VerificationKey> FromEd25519(std::string_view x);
  // One "PUBLIC KEY" of RFC 7468; a secret has no such form.
  static absl::StatusOr<VerificationKey> FromPem(JwsAlgorithm algorithm, std::string_view pem);

  JwsAlgorithm algorithm() const { return algorithm_; }
  // Of the key itself, whatever its name: never 0, and the same in another process.
  uint64_t fingerprint() const { return fingerprint_; }

  // Is that this key's signature of the input, in the form of RFC 7518 section 3 and RFC 8037?
  bool Verifies(std::string_view input, std::string_view signature) const;

 private:
  struct FreeKey {
    void operator()(EVP_PKEY* key) const;
  };
  using KeyPtr = std::unique_ptr<EVP_PKEY, FreeKey>;

  VerificationKey(JwsAlgorithm algorithm, KeyPtr key, std::string secret);

  static absl::StatusOr<VerificationKey> Checked(JwsAlgorithm algorithm, KeyPtr key);
  bool VerifiesHmac(std::string_view input, std::string_view signature) const;
  bool VerifiesDigest(std::string_view input, std::string_view signature) const;

  JwsAlgorithm algorithm_;
  KeyPtr key_;          // null: of HS256
  std::string secret_;  // of HS256
  uint64_t fingerprint_;
};

}  // namespace esockets::broker

#endif  // BROKER_AUTH_VERIFICATION_KEY_H_
