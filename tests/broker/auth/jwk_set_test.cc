#include "broker/auth/jwk_set.h"

#include <cstdint>
#include <set>
#include <string>

#include "base/strings.h"
#include "broker/auth/limits.h"
#include "gtest/gtest.h"
#include "tests/support/jwt_maker.h"

namespace esockets::broker {
namespace {

using tests::SigningKey;

// A secret of 32 bytes, and in base64url. No message may show either.
constexpr std::string_view kSecret = "an unlucky secret of 32 letters!";
constexpr std::string_view kSecretText = "YW4gdW5sdWNreSBzZWNyZXQgb2YgMzIgbGV0dGVycyE";

std::string SetOf(std::string_view keys) { return base::StrCat("{\"keys\":[", keys, "]}"); }

// A good key, with other members in place of its own, or behind them.
std::string Secret(std::string_view members = "\"kid\":\"s\",\"alg\":\"HS256\"") {
  return base::StrCat("{\"kty\":\"oct\",\"k\":\"", kSecretText, "\",", members, "}");
}
std::string Ed25519(std::string_view more) {
  return base::StrCat(R"({"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"e",)",
                      R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")", more, "}");
}

TEST(JwkSet, KeysOfAllKindsVerifyWhatTheirHoldersSign) {
  const SigningKey signers[] = {SigningKey::Secret(kSecret), SigningKey::Rsa(), SigningKey::P256(),
                                SigningKey::Ed25519()};
  std::string keys;
  for (const SigningKey& signer : signers) {
    base::StrAppend(&keys, keys.empty() ? "" : ",", signer.Jwk(signer.alg()));
  }
  JwkSet set;
  ASSERT_TRUE(set.AddJson(SetOf(keys)).ok());
  EXPECT_EQ(set.size(), 4U);
  EXPECT_EQ(set.Only(), nullptr);
  EXPECT_EQ(set.Find(""), nullptr);
  EXPECT_EQ(set.Find("hs256"), nullptr);
  for (const SigningKey& signer : signers) {
    SCOPED_TRACE(signer.alg());
    const VerificationKey* key = set.Find(signer.alg());
    ASSERT_NE(key, nullptr);
    EXPECT_EQ(NameOf(key->algorithm()), signer.alg());
    EXPECT_TRUE(key->Verifies("text", signer.Sign("text")));
    EXPECT_FALSE(key->Verifies("text ", signer.Sign("text")));
  }
}

TEST(JwkSet, KeysOfAllSourcesAreOneSet) {
  JwkSet set;
  EXPECT_EQ(set.Only(), nullptr);
  const SigningKey p256 = SigningKey::P256();
  ASSERT_TRUE(set.AddPem("pem", "ES256", p256.PublicPem()).ok());
  EXPECT_EQ(set.Only(), set.Find("pem"));
  ASSERT_TRUE(set.AddSecret("secret", kSecret).ok());
  ASSERT_TRUE(set.AddJson(SetOf(Secret())).ok());
  EXPECT_EQ(set.size(), 3U);
  EXPECT_TRUE(set.Find("pem")->Verifies("text", p256.Sign("text")));
  EXPECT_TRUE(set.Find("secret")->Verifies("text", SigningKey::Secret(kSecret).Sign("text")));
  EXPECT_FALSE(set.AddSecret("pem", kSecret).ok());
  EXPECT_FALSE(set.AddPem("secret", "ES256", p256.PublicPem()).ok());
  EXPECT_EQ(set.size(), 3U);
}

// So that who came in by it is known when its file is written in another way.
TEST(JwkSet, AKeyHasTheSameFingerprintWhereverItComesFrom) {
  JwkSet pem, json;
  std::string keys;
  for (const SigningKey& signer : {SigningKey::Rsa(), SigningKey::P256(), SigningKey::Ed25519()}) {
    ASSERT_TRUE(pem.AddPem(signer.alg(), signer.alg(), signer.PublicPem()).ok());
    base::StrAppend(&keys, keys.empty() ? "" : ",",
                    signer.Jwk("other than " + std::string(signer.alg())));
  }
  ASSERT_TRUE(json.AddJson(SetOf(keys)).ok());
  const auto fingerprints = pem.Fingerprints();
  EXPECT_EQ(json.Fingerprints(), fingerprints);
  EXPECT_EQ(std::set<uint64_t>(fingerprints.begin(), fingerprints.end()).size(), 3U);
}

TEST(JwkSet, WhatItDoesNotNeedItPassesOver) {
  for (const std::string& json : {
           SetOf(Secret()),
           "{\"keys\":[" + Secret() + "],\"next\":{\"a\":[1]}}",
           SetOf(Secret(R"("kid":"s","alg":"HS256","use":"sig","key_ops":["sign","verify"])")),
           SetOf(Ed25519(R"(,"x5t":"abc","x5c":["abc"],"exp":1,"use":"sig")")),
       }) {
    JwkSet set;
    const absl::Status status = set.AddJson(json);
    EXPECT_TRUE(status.ok()) << status << json;
  }
}

// Of a set whose second key it is.
TEST(JwkSet, OneKeyThatIsNotUnderstoodRefusesAllAndIsNamed) {
  const struct {
    const char* what;
    std::string jwk;
    std::string_view why;
  } kCases[] = {
      {"no object", "1", "it is no object"},
      {"no kty", R"({"kid":"a","alg":"HS256"})", "kty must be oct, RSA, EC or OKP"},
      {"kty as a number", R"({"kty":1})", "kty must be oct, RSA, EC or OKP"},
      {"another kty", R"({"kty":"oKP"})", "kty must be oct, RSA, EC or OKP"},
      {"no alg", Secret(R"("kid":"a")"), "alg must be HS256"},
      {"alg as an array", Secret(R"("kid":"a","alg":["HS256"])"), "alg must be HS256"},
      {"alg none", Secret(R"("kid":"a","alg":"none")"), "alg must be HS256"},
      {"a stronger alg", Secret(R"("kid":"a","alg":"HS512")"), "alg must be HS256"},
      {"another kind's alg", Secret(R"("kid":"a","alg":"RS256")"), "alg must be HS256"},
      {"an RSA key for a secret", R"({"kty":"RSA","kid":"a","alg":"HS256","n":"AA","e":"AQAB"})",
       "alg must be RS256"},
      {"no kid", Secret(R"("alg":"HS256")"), "kid must be a string of 1 to 256 bytes"},
      {"an empty kid", Secret(R"("alg":"HS256","kid":"")"), "kid must be a string"},
      {"kid as a number", Secret(R"("alg":"HS256","kid":1)"), "kid must be a string"},
      {"the first key's kid", Secret(), "another key has the same kid"},
      {"for encryption", Secret(R"("kid":"a","alg":"HS256","use":"enc")"), "use must be sig"},
      {"use as an array", Secret(R"("kid":"a","alg":"HS256","use":["sig"])"), "use must be sig"},
      {"for signing alone", Secret(R"("kid":"a","alg":"HS256","key_ops":["sign"])"),
       "key_ops must have verify"},
      {"key_ops as a string", Secret(R"("kid":"a","alg":"HS256","key_ops":"verify")"),
       "key_ops must be an array"},
      {"a short secret", R"({"kty":"oct","kid":"a","alg":"HS256","k":"c2hvcnQ"})",
       "the secret has 5 bytes; it needs 32 to 1024"},
      {"no secret", R"({"kty":"oct","kid":"a","alg":"HS256"})", "k must be a string"},
      {"a padded secret", R"({"kty":"oct","kid":"a","alg":"HS256","k":"c2hvcnQ="})",
       "k must be base64url without padding"},
      {"the private half", Ed25519(R"(,"d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")"),
       "it has the member d of a private key"},
      {"a private half that is null", Ed25519(R"(,"d":null)"), "it has the member d"},
      {"a factor", Ed25519(R"(,"p":"AA")"), "it has the member p of a private key"},
      {"a secret at a public key", Ed25519(R"(,"k":"AA")"), "it has the member k"},
      {"no curve", R"({"kty":"EC","kid":"a","alg":"ES256"})", "crv must be P-256"},
      {"another curve", R"({"kty":"EC","crv":"P-384","kid":"a","alg":"ES384"})",
       "crv must be P-256"},
      {"a curve to agree on keys", R"({"kty":"OKP","crv":"X25519","kid":"a","alg":"EdDSA"})",
       "crv must be Ed25519"},
      {"a point elsewhere",
       R"({"kty":"EC","crv":"P-256","kid":"a","alg":"ES256",
           "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
           "y":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"})",
       "the point is not on the curve P-256"},
      {"no y", R"({"kty":"EC","crv":"P-256","kid":"a","alg":"ES256","x":"AA"})",
       "y must be a string"},
      {"a point of small order",
       R"({"kty":"OKP","crv":"Ed25519","kid":"a","alg":"EdDSA",
           "x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})",
       "its order is small"},
      {"a tiny modulus", R"({"kty":"RSA","kid":"a","alg":"RS256","n":"AQAB","e":"AQAB"})",
       "has 17 bits; it needs 2048 to 8192"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    JwkSet set;
    ASSERT_TRUE(set.AddSecret("before", kSecret).ok());
    const absl::Status status = set.AddJson(SetOf(Secret() + "," + c.jwk));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    const std::string_view message = base::Message(status);
    EXPECT_TRUE(message.starts_with("keys[1]: ")) << message;
    EXPECT_NE(message.find(c.why), std::string_view::npos) << message;
    EXPECT_EQ(message.find(kSecretText.substr(0, 8)), std::string_view::npos) << message;
    EXPECT_EQ(set.size(), 1U) << "the set is as it was before";
    EXPECT_NE(set.Only(), nullptr);
  }
}

TEST(JwkSet, OneDocumentHasTheKeys) {
  const struct {
    const char* what;
    std::string json;
    std::string_view why;
  } kCases[] = {
      {"nothing", "", "the JWK set: no JSON at byte 1"},
      {"a key alone", Secret(), "keys must be an array"},
      {"an array", "[" + Secret() + "]", "the JWK set: it is no JSON object"},
      {"no key", SetOf(""), "keys must be an array of at least one key"},
      {"keys as an object", "{\"keys\":{}}", "keys must be an array"},
      {"keys twice", "{\"keys\":[" + Secret() + "],\"keys\":[]}", "an object has a name twice"},
      {"alg twice", SetOf(Secret(R"("kid":"a","alg":"HS256","alg":"HS256")")),
       "an object has a name twice"},
      {"a secret that is not closed", base::StrCat("{\"keys\":[{\"k\":\"", kSecretText),
       "the JWK set: no JSON at byte"},
      {"deep", SetOf(std::string(20, '[') + std::string(20, ']')), "nested too deeply"},
      {"too long", std::string(kJwkSetBytesMax, ' ') + SetOf(Secret()), "more than 262144 bytes"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    JwkSet set;
    const absl::Status status = set.AddJson(c.json);
    const std::string_view message = base::Message(status);
    EXPECT_NE(message.find(c.why), std::string_view::npos) << message;
    EXPECT_EQ(message.find(kSecretText.substr(0, 8)), std::string_view::npos) << message;
    EXPECT_EQ(set.size(), 0U);
  }
}

TEST(JwkSet, NamesAndNumbersHaveLimits) {
  JwkSet set;
  EXPECT_FALSE(set.AddSecret("", kSecret).ok());
  EXPECT_FALSE(set.AddSecret(std::string(kKidBytesMax + 1, 'k'), kSecret).ok());
  EXPECT_TRUE(set.AddSecret(std::string(kKidBytesMax, 'k'), kSecret).ok());
  for (size_t i = 1; i < kKeysMax; ++i) {
    ASSERT_TRUE(set.AddSecret(std::to_string(i), kSecret).ok());
  }
  const absl::Status status = set.AddSecret("more", kSecret);
  EXPECT_EQ(base::Message(status), "there are more than 64 keys");
}

TEST(JwkSet, PemNeedsAnAlgorithmOfPublicKeys) {
  const std::string pem = SigningKey::Rsa().PublicPem();
  JwkSet set;
  for (const char* alg : {"", "none", "HS256", "RS512", "PS256", "rs256"}) {
    EXPECT_EQ(base::Message(set.AddPem("a", alg, pem)), "alg must be RS256, ES256 or EdDSA") << alg;
  }
  EXPECT_EQ(base::Message(set.AddPem("a", "ES256", pem)), "ES256 needs a key on the curve P-256");
  EXPECT_EQ(base::Message(set.AddPem("a", "EdDSA", pem)), "EdDSA needs a key on the curve Ed25519");
  EXPECT_EQ(set.size(), 0U);
  EXPECT_TRUE(set.AddPem("a", "RS256", pem).ok());
}

}  // namespace
}  // namespace esockets::broker
