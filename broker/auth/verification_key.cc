#include "broker/auth/verification_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <cstddef>
#include <utility>

#include "base/check.h"
#include "base/strings.h"
#include "broker/auth/ed25519_point.h"
#include "broker/auth/fingerprint.h"
#include "broker/auth/limits.h"

namespace esockets::broker {
namespace {

constexpr size_t kP256Bytes = 32;
constexpr std::string_view kP256 = "prime256v1";  // as OpenSSL calls it

constexpr std::pair<JwsAlgorithm, std::string_view> kNames[] = {
    {JwsAlgorithm::kHs256, "HS256"},
    {JwsAlgorithm::kRs256, "RS256"},
    {JwsAlgorithm::kEs256, "ES256"},
    {JwsAlgorithm::kEdDsa, "EdDSA"},
};

struct Free {
  void operator()(BIGNUM* p) const { BN_free(p); }
  void operator()(BIO* p) const { BIO_free(p); }
  void operator()(ECDSA_SIG* p) const { ECDSA_SIG_free(p); }
  void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
  void operator()(EVP_PKEY_CTX* p) const { EVP_PKEY_CTX_free(p); }
  void operator()(OSSL_PARAM* p) const { OSSL_PARAM_free(p); }
  void operator()(OSSL_PARAM_BLD* p) const { OSSL_PARAM_BLD_free(p); }
};
template <typename T>
using Ptr = std::unique_ptr<T, Free>;

// OpenSSL notes on the thread what failed, and a TLS connection would take it for its own.
class NoTraces {
 public:
  NoTraces() { ERR_set_mark(); }
  ~NoTraces() { ERR_pop_to_mark(); }
  NoTraces(const NoTraces&) = delete;
  NoTraces& operator=(const NoTraces&) = delete;
};

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Ptr<BIGNUM> Number(std::string_view big_endian) {
  return Ptr<BIGNUM>(BN_bin2bn(Bytes(big_endian), static_cast<int>(big_endian.size()), nullptr));
}

template <typename... Ts>
absl::Status Refusal(const Ts&... ts) {
  return base::Error(absl::StatusCode::kInvalidArgument, ts...);
}

// Null: these numbers are no key of that type.
EVP_PKEY* Build(const char* type, OSSL_PARAM_BLD* builder) {
  const Ptr<OSSL_PARAM> params(OSSL_PARAM_BLD_to_param(builder));
  const Ptr<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  ESOCKETS_CHECK(params && context && EVP_PKEY_fromdata_init(context.get()) == 1);
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) key = nullptr;
  return key;
}

Ptr<BIGNUM> NumberOf(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  ESOCKETS_CHECK(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  return Ptr<BIGNUM>(number);
}

absl::Status CheckRsa(EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "RSA") != 1) return Refusal("RS256 needs an RSA key");
  const Ptr<BIGNUM> modulus = NumberOf(key, OSSL_PKEY_PARAM_RSA_N);
  const Ptr<BIGNUM> exponent = NumberOf(key, OSSL_PKEY_PARAM_RSA_E);
  const int bits = BN_num_bits(modulus.get());
  if (bits < kRsaBitsMin || bits > kRsaBitsMax) {
    return Refusal("the RSA key has ", bits, " bits; it needs ", kRsaBitsMin, " to ", kRsaBitsMax);
  }
  if (BN_is_odd(modulus.get()) == 0) return Refusal("the RSA key's modulus is even");
  if (BN_is_odd(exponent.get()) == 0 || BN_is_one(exponent.get()) == 1 ||
      BN_num_bits(exponent.get()) > kRsaExponentBitsMax) {
    return Refusal("the RSA key's exponent is not an odd number from 3 of at most ",
                   kRsaExponentBitsMax, " bits");
  }
  return absl::OkStatus();
}

absl::Status CheckP256(EVP_PKEY* key) {
  std::array<char, 64> group{};
  size_t size = 0;
  if (EVP_PKEY_is_a(key, "EC") != 1 ||
      EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) != 1 ||
      std::string_view(group.data(), size) != kP256) {
    return Refusal("ES256 needs a key on the curve P-256");
  }
  const Ptr<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  if (context == nullptr || EVP_PKEY_public_check(context.get()) != 1) {
    return Refusal("the point is not on the curve P-256");
  }
  return absl::OkStatus();
}

absl::Status CheckEd25519(EVP_PKEY* key) {
  std::array<unsigned char, kEd25519KeyBytes> bytes{};
  size_t size = bytes.size();
  if (EVP_PKEY_is_a(key, "ED25519") != 1 ||
      EVP_PKEY_get_raw_public_key(key, bytes.data(), &size) != 1) {
    return Refusal("EdDSA needs a key on the curve Ed25519");
  }
  if (!IsEd25519PublicKey({reinterpret_cast<const char*>(bytes.data()), size})) {
    return Refusal("the point is not on the curve Ed25519, or its order is small");
  }
  return absl::OkStatus();
}

absl::Status Check(JwsAlgorithm algorithm, EVP_PKEY* key) {
  switch (algorithm) {
    case JwsAlgorithm::kHs256:
      return Refusal("HS256 needs a secret, not a public key");
    case JwsAlgorithm::kRs256:
      return CheckRsa(key);
    case JwsAlgorithm::kEs256:
      return CheckP256(key);
    case JwsAlgorithm::kEdDsa:
      return CheckEd25519(key);
  }
  return Refusal("no such algorithm");
}

// What OpenSSL has written, which is then gone.
std::string TakeDer(unsigned char* der, int size) {
  ESOCKETS_CHECK(size > 0);
  std::string bytes(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

// As RFC 5280 section 4.1.2.7 writes it.
std::string PublicDerOf(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  return TakeDer(der, size);
}

// r and s as one after the other become what OpenSSL verifies. Empty: they are not.
std::string DerOf(std::string_view signature) {
  if (signature.size() != 2 * kP256Bytes) return {};
  const Ptr<ECDSA_SIG> pair(ECDSA_SIG_new());
  ESOCKETS_CHECK(ECDSA_SIG_set0(pair.get(), Number(signature.substr(0, kP256Bytes)).release(),
                                Number(signature.substr(kP256Bytes)).release()) == 1);
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  return TakeDer(der, size);
}

// Without it OpenSSL asks at the terminal for the password of an encrypted key.
int NoPassword(char*, int, int, void*) { return -1; }

absl::Status CheckPemText(std::string_view pem) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  if (pem.size() > kPemBytesMax) {
    return Refusal("the PEM text has more than ", kPemBytesMax, " bytes");
  }
  if (pem.find("PRIVATE KEY") != std::string_view::npos) {
    return Refusal("that is a private key; the broker needs the public half alone: ",
                   "openssl pkey -pubout");
  }
  const size_t begin = pem.find(kBegin);
  if (begin == std::string_view::npos) return Refusal("that is no PEM text");
  if (pem.find(kBegin, begin + 1) != std::string_view::npos) {
    return Refusal("the PEM text has more than one key");
  }
  return absl::OkStatus();
}

}  // namespace

std::string_view NameOf(JwsAlgorithm algorithm) {
  for (const auto& [known, name] : kNames) {
    if (known == algorithm) return name;
  }
  return "";
}

std::optional<JwsAlgorithm> AlgorithmNamed(std::string_view name) {
  for (const auto& [algorithm, known] : kNames) {
    if (known == name) return algorithm;
  }
  return std::nullopt;
}

void VerificationKey::FreeKey::operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }

VerificationKey::VerificationKey(JwsAlgorithm algorithm, KeyPtr key, std::string secret)
    : algorithm_(algorithm),
      key_(std::move(key)),
      secret_(std::move(secret)),
      fingerprint_(FingerprintOf(base::StrCat(
          NameOf(algorithm), " ", key_ == nullptr ? secret_ : PublicDerOf(key_.get())))) {}

absl::StatusOr<VerificationKey> VerificationKey::Checked(JwsAlgorithm algorithm, KeyPtr key) {
  const absl::Status status = Check(algorithm, key.get());
  if (!status.ok()) return status;
  return VerificationKey(algorithm, std::move(key), /*secret=*/{});
}

absl::StatusOr<VerificationKey> VerificationKey::FromSecret(std::string_view secret) {
  if (secret.size() < kSecretBytesMin || secret.size() > kSecretBytesMax) {
    return Refusal("the secret has ", secret.size(), " bytes; it needs ", kSecretBytesMin, " to ",
                   kSecretBytesMax);
  }
  return VerificationKey(JwsAlgorithm::kHs256, nullptr, std::string(secret));
}

absl::StatusOr<VerificationKey> VerificationKey::FromRsa(std::string_view modulus,
                                                         std::string_view exponent) {
  const NoTraces no_traces;
  const Ptr<BIGNUM> n = Number(modulus), e = Number(exponent);
  const Ptr<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  const bool pushed = OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
                      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1;
  KeyPtr key(pushed ? Build("RSA", builder.get()) : nullptr);
  if (key == nullptr) return Refusal("these numbers are no RSA key");
  return Checked(JwsAlgorithm::kRs256, std::move(key));
}

absl::StatusOr<VerificationKey> VerificationKey::FromP256(std::string_view x, std::string_view y) {
  if (x.size() != kP256Bytes || y.size() != kP256Bytes) {
    return Refusal("a coordinate of P-256 has ", kP256Bytes, " bytes");
  }
  const NoTraces no_traces;
  constexpr char kUncompressed = 4;
  const std::string point = kUncompressed + std::string(x) + std::string(y);
  const Ptr<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  ESOCKETS_CHECK(OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                                 kP256.data(), kP256.size()) == 1);
  ESOCKETS_CHECK(OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                                  point.data(), point.size()) == 1);
  KeyPtr key(Build("EC", builder.get()));
  if (key == nullptr) return Refusal("the point is not on the curve P-256");
  return Checked(JwsAlgorithm::kEs256, std::move(key));
}

absl::StatusOr<VerificationKey> VerificationKey::FromEd25519(std::string_view x) {
  const NoTraces no_traces;
  KeyPtr key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(x), x.size()));
  if (key == nullptr) return Refusal("a key of Ed25519 has ", kEd25519KeyBytes, " bytes");
  return Checked(JwsAlgorithm::kEdDsa, std::move(key));
}

absl::StatusOr<VerificationKey> VerificationKey::FromPem(JwsAlgorithm algorithm,
                                                         std::string_view pem) {
  const absl::Status status = CheckPemText(pem);
  if (!status.ok()) return status;
  const NoTraces no_traces;
  const Ptr<BIO> text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  KeyPtr key(PEM_read_bio_PUBKEY(text.get(), nullptr, &NoPassword, nullptr));
  if (key == nullptr) return Refusal("the PEM text has no PUBLIC KEY that can be read");
  return Checked(algorithm, std::move(key));
}

bool VerificationKey::Verifies(std::string_view input, std::string_view signature) const {
  const NoTraces no_traces;
  switch (algorithm_) {
    case JwsAlgorithm::kHs256:
      return VerifiesHmac(input, signature);
    case JwsAlgorithm::kEs256: {
      const std::string der = DerOf(signature);
      return !der.empty() && VerifiesDigest(input, der);
    }
    case JwsAlgorithm::kRs256:
    case JwsAlgorithm::kEdDsa:
      return VerifiesDigest(input, signature);
  }
  return false;
}

bool VerificationKey::VerifiesHmac(std::string_view input, std::string_view signature) const {
  std::array<unsigned char, 32> mac{};
  size_t size = 0;
  ESOCKETS_CHECK(EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, secret_.data(),
                           secret_.size(), Bytes(input), input.size(), mac.data(), mac.size(),
                           &size) != nullptr);
  return signature.size() == size && CRYPTO_memcmp(mac.data(), signature.data(), size) == 0;
}

bool VerificationKey::VerifiesDigest(std::string_view input, std::string_view signature) const {
  // Ed25519 hashes by itself (RFC 8032 section 5.1).
  const EVP_MD* const digest = algorithm_ == JwsAlgorithm::kEdDsa ? nullptr : EVP_sha256();
  const Ptr<EVP_MD_CTX> context(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(input),
                          input.size()) == 1;
}

}  // namespace esockets::broker
