#include "broker/auth/verification_key.h"

#include <openssl/err.h>

#include <string>

#include "base/strings.h"
#include "broker/auth/base64url.h"
#include "broker/auth/limits.h"
#include "gtest/gtest.h"
#include "tests/support/jwt_maker.h"

namespace esockets::broker {
namespace {

using tests::SigningKey;

// What the three examples of RFC 7515 appendix A sign.
#define RFC_7515_CLAIMS                          \
  "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAs" \
  "DQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

std::string Decoded(std::string_view text) { return DecodeBase64Url(text).value(); }

struct Vector {
  const char* what;
  absl::StatusOr<VerificationKey> key;
  JwsAlgorithm algorithm;
  std::string input;
  std::string signature;
};

Vector Rfc7515A1() {
  return {"RFC 7515 A.1",
          VerificationKey::FromSecret(Decoded("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH"
                                              "75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")),
          JwsAlgorithm::kHs256, "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." RFC_7515_CLAIMS,
          Decoded("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")};
}

Vector Rfc7515A2() {
  return {"RFC 7515 A.2",
          VerificationKey::FromRsa(
              Decoded("ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrc"
                      "S2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGz"
                      "jb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xs"
                      "mtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8"
                      "q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"),
              Decoded("AQAB")),
          JwsAlgorithm::kRs256, "eyJhbGciOiJSUzI1NiJ9." RFC_7515_CLAIMS,
          Decoded("cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF"
                  "5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK"
                  "5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqt"
                  "FZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB"
                  "p0igcN_IoypGlUPQGe77Rw")};
}

Vector Rfc7515A3() {
  return {"RFC 7515 A.3",
          VerificationKey::FromP256(Decoded("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
                                    Decoded("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")),
          JwsAlgorithm::kEs256, "eyJhbGciOiJFUzI1NiJ9." RFC_7515_CLAIMS,
          Decoded("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-K"
                  "g6NU1Q")};
}

Vector Rfc8037A4() {
  return {
      "RFC 8037 A.4",
      VerificationKey::FromEd25519(Decoded("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")),
      JwsAlgorithm::kEdDsa, "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
      Decoded("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0K"
              "Ag")};
}

class PublishedVector : public testing::TestWithParam<Vector (*)()> {};

TEST_P(PublishedVector, VerifiesAndNothingNextToItDoes) {
  const Vector vector = GetParam()();
  SCOPED_TRACE(vector.what);
  ASSERT_TRUE(vector.key.ok()) << vector.key.status();
  EXPECT_EQ(vector.key->algorithm(), vector.algorithm);
  EXPECT_TRUE(vector.key->Verifies(vector.input, vector.signature));

  for (size_t bit = 0; bit < 8 * vector.signature.size(); ++bit) {
    std::string flipped = vector.signature;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(vector.key->Verifies(vector.input, flipped)) << bit;
  }
  for (size_t at = 0; at < vector.input.size(); at += 7) {
    std::string flipped = vector.input;
    flipped[at] ^= 1;
    EXPECT_FALSE(vector.key->Verifies(flipped, vector.signature)) << at;
  }
  EXPECT_FALSE(vector.key->Verifies(vector.input, ""));
  EXPECT_FALSE(vector.key->Verifies(vector.input, vector.signature + '\0'));
  EXPECT_FALSE(vector.key->Verifies(vector.input, '\0' + vector.signature));
  EXPECT_FALSE(vector.key->Verifies(
      vector.input, std::string_view(vector.signature).substr(0, vector.signature.size() - 1)));
  EXPECT_FALSE(vector.key->Verifies(vector.input, std::string(vector.signature.size(), '\0')));
  EXPECT_EQ(ERR_peek_error(), 0U) << "what failed here is not of the next TLS connection";
}

INSTANTIATE_TEST_SUITE_P(All, PublishedVector,
                         testing::Values(Rfc7515A1, Rfc7515A2, Rfc7515A3, Rfc8037A4));

TEST(VerificationKey, AlgorithmsHaveTheirRegisteredNames) {
  for (const char* name : {"HS256", "RS256", "ES256", "EdDSA"}) {
    const auto algorithm = AlgorithmNamed(name);
    ASSERT_TRUE(algorithm.has_value()) << name;
    EXPECT_EQ(NameOf(*algorithm), name);
  }
  for (const char* name : {"", "none", "None", "hs256", "HS384", "PS256", "ES256K", "EDDSA"}) {
    EXPECT_EQ(AlgorithmNamed(name), std::nullopt) << name;
  }
}

TEST(VerificationKey, P256TakesNoOtherForm) {
  const SigningKey signer = SigningKey::P256();
  const auto key = VerificationKey::FromPem(JwsAlgorithm::kEs256, signer.PublicPem());
  ASSERT_TRUE(key.ok()) << key.status();
  const std::string good = signer.Sign("text"), r = good.substr(0, 32), s = good.substr(32);
  const std::string zero(32, '\0');
  // The order of the curve: 0, for those who do not look.
  const std::string order = Decoded("_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE");
  EXPECT_TRUE(key->Verifies("text", r + s));
  const struct {
    const char* what;
    std::string signature;
  } kCases[] = {
      {"DER", signer.SignDer("text")},
      {"r is 0", zero + s},
      {"s is 0", r + zero},
      {"both are 0", zero + zero},
      {"r is the order", order + s},
      {"s is the order", r + order},
      {"s and r", s + r},
      {"r alone", r},
      {"each with a byte in front", '\0' + r + '\0' + s},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    EXPECT_FALSE(key->Verifies("text", c.signature));
  }
}

TEST(VerificationKey, PemKeysVerify) {
  const struct {
    const char* what;
    SigningKey signer;
    JwsAlgorithm algorithm;
  } kCases[] = {
      {"RS256", SigningKey::Rsa(), JwsAlgorithm::kRs256},
      {"ES256", SigningKey::P256(), JwsAlgorithm::kEs256},
      {"EdDSA", SigningKey::Ed25519(), JwsAlgorithm::kEdDsa},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    const auto key = VerificationKey::FromPem(c.algorithm, c.signer.PublicPem());
    ASSERT_TRUE(key.ok()) << key.status();
    EXPECT_TRUE(key->Verifies("text", c.signer.Sign("text")));
    EXPECT_FALSE(key->Verifies("texT", c.signer.Sign("text")));
    for (const auto& other : kCases) {
      if (other.algorithm == c.algorithm) continue;
      EXPECT_FALSE(VerificationKey::FromPem(other.algorithm, c.signer.PublicPem()).ok());
      EXPECT_FALSE(key->Verifies("text", other.signer.Sign("text")));
    }
  }
}

// Each refusal by a part of its text.
void ExpectRefused(const absl::StatusOr<VerificationKey>& key, std::string_view why) {
  ASSERT_FALSE(key.ok());
  EXPECT_EQ(key.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(base::Message(key.status()).find(why), std::string_view::npos) << key.status();
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(VerificationKey, PemIsOnePublicKeyThatFits) {
  const SigningKey p256 = SigningKey::P256();
  const std::string pem = p256.PublicPem();
  std::string cut = pem;
  cut.erase(cut.size() / 2, 10);
  const struct {
    const char* what;
    JwsAlgorithm algorithm;
    std::string pem;
    std::string_view why;
  } kCases[] = {
      {"nothing", JwsAlgorithm::kEs256, "", "no PEM text"},
      {"the private key", JwsAlgorithm::kEs256, p256.PrivatePem(), "that is a private key"},
      {"both halves", JwsAlgorithm::kEs256, pem + p256.PrivatePem(), "that is a private key"},
      {"an encrypted key", JwsAlgorithm::kEs256,
       "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n-----END ENCRYPTED PRIVATE KEY-----\n",
       "that is a private key"},
      {"two keys", JwsAlgorithm::kEs256, pem + pem, "more than one key"},
      {"a damaged key", JwsAlgorithm::kEs256, cut, "that can be read"},
      {"a certificate", JwsAlgorithm::kEs256,
       "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n", "that can be read"},
      {"an encrypted public key, which asks for a password", JwsAlgorithm::kEs256,
       "-----BEGIN PUBLIC KEY-----\nProc-Type: 4,ENCRYPTED\n"
       "DEK-Info: AES-128-CBC,00000000000000000000000000000000\n\nAAAA\n-----END PUBLIC KEY-----\n",
       "that can be read"},
      {"too long", JwsAlgorithm::kEs256, pem + std::string(kPemBytesMax, '\n'), "more than 16384"},
      {"a secret's algorithm", JwsAlgorithm::kHs256, pem, "HS256 needs a secret"},
      {"another curve", JwsAlgorithm::kEs256, SigningKey::OfCurve("P-384").PublicPem(),
       "on the curve P-256"},
      {"the curve of Bitcoin", JwsAlgorithm::kEs256, SigningKey::OfCurve("secp256k1").PublicPem(),
       "on the curve P-256"},
      {"the point at infinity", JwsAlgorithm::kEs256,
       "-----BEGIN PUBLIC KEY-----\nMBkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDAgAA\n-----END PUBLIC "
       "KEY-----\n",
       "not on the curve P-256"},
      {"RSA of 1024 bits", JwsAlgorithm::kRs256, SigningKey::Rsa(1024).PublicPem(),
       "has 1024 bits; it needs 2048 to 8192"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    ExpectRefused(VerificationKey::FromPem(c.algorithm, c.pem), c.why);
  }
}

TEST(VerificationKey, SecretsHaveTheLengthOfTheHash) {
  EXPECT_TRUE(VerificationKey::FromSecret(std::string(kSecretBytesMin, 's')).ok());
  EXPECT_TRUE(VerificationKey::FromSecret(std::string(kSecretBytesMax, 's')).ok());
  ExpectRefused(VerificationKey::FromSecret(""), "the secret has 0 bytes");
  ExpectRefused(VerificationKey::FromSecret(std::string(kSecretBytesMin - 1, 's')), "31 bytes");
  ExpectRefused(VerificationKey::FromSecret(std::string(kSecretBytesMax + 1, 's')), "1025 bytes");
}

// An odd number of so many bits.
std::string Odd(size_t bits) {
  std::string number(bits / 8, '\x55');
  number.front() = '\x80';
  return number;
}

TEST(VerificationKey, RsaNumbersAreInTheirBounds) {
  const std::string e("\1\0\1", 3), none, zero(1, '\0');
  EXPECT_TRUE(VerificationKey::FromRsa(Odd(2048), e).ok());
  EXPECT_TRUE(VerificationKey::FromRsa(Odd(8192), "\3").ok());
  EXPECT_TRUE(VerificationKey::FromRsa(zero + Odd(2048), e).ok()) << "some encoders write a sign";
  std::string even = Odd(2048);
  even.back() = '\x54';
  const struct {
    const char* what;
    std::string modulus, exponent;
    std::string_view why;
  } kCases[] = {
      {"no modulus", none, e, "RSA key"},
      {"a modulus of 0", zero, e, "RSA key"},
      {"no exponent", Odd(2048), none, "RSA key"},
      {"an exponent of 0", Odd(2048), zero, "RSA key"},
      {"a short modulus", Odd(2040), e, "has 2040 bits; it needs 2048 to 8192"},
      {"zeros in front of a short one", std::string(128, '\0') + Odd(1024), e, "has 1024 bits"},
      {"a long modulus", Odd(8200), e, "has 8200 bits"},
      {"an even modulus", even, e, "modulus is even"},
      {"an exponent of 1", Odd(2048), "\1", "exponent"},
      {"an even exponent", Odd(2048), "\4", "exponent"},
      {"a long exponent", Odd(2048), Odd(72), "exponent"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    ExpectRefused(VerificationKey::FromRsa(c.modulus, c.exponent), c.why);
  }
}

TEST(VerificationKey, PointsAreOnTheirCurve) {
  const std::string x = Decoded("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
  const std::string y = Decoded("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
  std::string other_y = y;
  other_y.back() ^= 1;
  const std::string zero(32, '\0'), ones(32, '\xFF');
  ExpectRefused(VerificationKey::FromP256(x, other_y), "not on the curve P-256");
  ExpectRefused(VerificationKey::FromP256(y, x), "not on the curve P-256");
  ExpectRefused(VerificationKey::FromP256(zero, zero), "not on the curve P-256");
  ExpectRefused(VerificationKey::FromP256(ones, ones), "not on the curve P-256");
  ExpectRefused(VerificationKey::FromP256(x.substr(1), y), "has 32 bytes");
  ExpectRefused(VerificationKey::FromP256(x, '\0' + y), "has 32 bytes");
  ExpectRefused(VerificationKey::FromP256("", ""), "has 32 bytes");
  ExpectRefused(VerificationKey::FromEd25519(""), "has 32 bytes");
  ExpectRefused(VerificationKey::FromEd25519(zero + '\0'), "has 32 bytes");
  ExpectRefused(VerificationKey::FromEd25519(zero), "its order is small");
  ExpectRefused(VerificationKey::FromEd25519(ones), "not on the curve Ed25519");
}

}  // namespace
}  // namespace esockets::broker
