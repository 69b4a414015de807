#include "tests/support/jwt_maker.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <cstddef>
#include <iterator>

#include "base/check.h"
#include "base/strings.h"

namespace esockets::tests {
namespace {

constexpr size_t kP256Bytes = 32;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string BigEndian(const BIGNUM* number, size_t bytes) {
  std::string text(bytes, '\0');
  ESOCKETS_CHECK(BN_bn2binpad(number, reinterpret_cast<unsigned char*>(text.data()),
                              static_cast<int>(bytes)) == static_cast<int>(bytes));
  return text;
}

// A number of the key, in base64url; of 0 bytes: as long as it is.
std::string NumberOf(const EVP_PKEY* key, const char* name, size_t bytes = 0) {
  BIGNUM* number = nullptr;
  ESOCKETS_CHECK(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  const std::string text =
      BigEndian(number, bytes != 0 ? bytes : static_cast<size_t>(BN_num_bytes(number)));
  BN_free(number);
  return EncodeBase64Url(text);
}

template <typename Write>
std::string Written(Write write) {
  BIO* const out = BIO_new(BIO_s_mem());
  ESOCKETS_CHECK(write(out) == 1);
  char* text = nullptr;
  const auto size = static_cast<size_t>(BIO_get_mem_data(out, &text));
  std::string pem(text, size);
  BIO_free(out);
  return pem;
}

std::string Member(std::string_view name, std::string_view value) {
  return base::StrCat(",\"", name, "\":\"", value, "\"");
}

}  // namespace

std::string EncodeBase64Url(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), Bytes(bytes),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<size_t>(size));
  while (text.ends_with('=')) text.pop_back();
  for (char& c : text) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  return text;
}

SigningKey::SigningKey(std::string_view alg, EVP_PKEY* key)
    : alg_(alg), key_(key, [](EVP_PKEY* k) { EVP_PKEY_free(k); }) {}

SigningKey SigningKey::Secret(std::string_view secret) {
  SigningKey key("HS256", nullptr);
  key.secret_ = secret;
  return key;
}

SigningKey SigningKey::Rsa(unsigned bits) { return {"RS256", EVP_RSA_gen(bits)}; }
SigningKey SigningKey::P256() { return OfCurve("P-256"); }
SigningKey SigningKey::OfCurve(const char* name) { return {"ES256", EVP_EC_gen(name)}; }
SigningKey SigningKey::Ed25519() {
  return {"EdDSA", EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
}

std::string SigningKey::SignDer(std::string_view input) const {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  const EVP_MD* const digest = alg_ == "EdDSA" ? nullptr : EVP_sha256();
  size_t size = 0;
  ESOCKETS_CHECK(EVP_DigestSignInit(context, nullptr, digest, nullptr, key_.get()) == 1);
  ESOCKETS_CHECK(EVP_DigestSign(context, nullptr, &size, Bytes(input), input.size()) == 1);
  std::string signature(size, '\0');
  ESOCKETS_CHECK(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                                Bytes(input), input.size()) == 1);
  EVP_MD_CTX_free(context);
  signature.resize(size);
  return signature;
}

std::string SigningKey::Sign(std::string_view input) const {
  if (alg_ == "HS256") {
    std::string mac(32, '\0');
    size_t size = 0;
    ESOCKETS_CHECK(EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, secret_.data(),
                             secret_.size(), Bytes(input), input.size(),
                             reinterpret_cast<unsigned char*>(mac.data()), mac.size(),
                             &size) != nullptr);
    return mac;
  }
  std::string signature = SignDer(input);
  if (alg_ != "ES256") return signature;
  const unsigned char* der = Bytes(signature);
  ECDSA_SIG* const pair = d2i_ECDSA_SIG(nullptr, &der, std::ssize(signature));
  signature =
      BigEndian(ECDSA_SIG_get0_r(pair), kP256Bytes) + BigEndian(ECDSA_SIG_get0_s(pair), kP256Bytes);
  ECDSA_SIG_free(pair);
  return signature;
}

std::string SigningKey::Jwk(std::string_view kid) const {
  const std::string common = Member("alg", alg_) + Member("kid", kid);
  if (alg_ == "HS256") {
    return "{\"kty\":\"oct\"" + common + Member("k", EncodeBase64Url(secret_)) + "}";
  }
  if (alg_ == "RS256") {
    return "{\"kty\":\"RSA\"" + common + Member("n", NumberOf(key_.get(), OSSL_PKEY_PARAM_RSA_N)) +
           Member("e", NumberOf(key_.get(), OSSL_PKEY_PARAM_RSA_E)) + "}";
  }
  if (alg_ == "ES256") {
    return "{\"kty\":\"EC\",\"crv\":\"P-256\"" + common +
           Member("x", NumberOf(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, kP256Bytes)) +
           Member("y", NumberOf(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, kP256Bytes)) + "}";
  }
  std::array<unsigned char, 32> x{};
  size_t size = x.size();
  ESOCKETS_CHECK(EVP_PKEY_get_raw_public_key(key_.get(), x.data(), &size) == 1);
  return "{\"kty\":\"OKP\",\"crv\":\"Ed25519\"" + common +
         Member("x", EncodeBase64Url({reinterpret_cast<const char*>(x.data()), size})) + "}";
}

std::string SigningKey::PublicPem() const {
  return Written([this](BIO* out) { return PEM_write_bio_PUBKEY(out, key_.get()); });
}

std::string SigningKey::PrivatePem() const {
  return Written([this](BIO* out) {
    return PEM_write_bio_PrivateKey(out, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

std::string SigningKey::PublicDer() const {
  return Written([this](BIO* out) { return i2d_PUBKEY_bio(out, key_.get()); });
}

std::string MakeToken(std::string_view header, std::string_view claims, const SigningKey& key) {
  const std::string input = EncodeBase64Url(header) + "." + EncodeBase64Url(claims);
  return input + "." + EncodeBase64Url(key.Sign(input));
}

}  // namespace esockets::tests
