// Keys that sign, and the tokens that they sign, right ones and others.
#ifndef TESTS_SUPPORT_JWT_MAKER_H_
#define TESTS_SUPPORT_JWT_MAKER_H_

#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>

namespace esockets::tests {

// RFC 4648 section 5, without padding.
std::string EncodeBase64Url(std::string_view bytes);

class SigningKey {
 public:
  static SigningKey Secret(std::string_view secret);  // HS256
  static SigningKey Rsa(unsigned bits = 2048);        // RS256
  static SigningKey P256();                           // ES256
  static SigningKey Ed25519();                        // EdDSA
  static SigningKey OfCurve(const char* name);        // not for Sign

  std::string_view alg() const { return alg_; }
  // As it stands in a token.
  std::string Sign(std::string_view input) const;
  // ECDSA as OpenSSL writes it, which no token may have.
  std::string SignDer(std::string_view input) const;

  // The public half; of a secret, all.
  std::string Jwk(std::string_view kid) const;
  std::string PublicPem() const;
  std::string PublicDer() const;
  std::string PrivatePem() const;

 private:
  SigningKey(std::string_view alg, EVP_PKEY* key);

  std::string alg_;
  std::shared_ptr<EVP_PKEY> key_;
  std::string secret_;
};

// Texts of JSON, or of something else.
std::string MakeToken(std::string_view header, std::string_view claims, const SigningKey& key);

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_JWT_MAKER_H_
