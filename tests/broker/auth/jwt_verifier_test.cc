#include "broker/auth/jwt_verifier.h"

#include <cstdint>
#include <string>
#include <vector>

#include "broker/auth/base64url.h"
#include "broker/auth/jwt_refusal.h"
#include "broker/auth/limits.h"
#include "gtest/gtest.h"
#include "tests/support/jwt_maker.h"

namespace esockets::broker {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;
using tests::EncodeBase64Url;
using tests::MakeToken;
using tests::SigningKey;

constexpr sys_seconds kNow{seconds(1'700'000'000)};
constexpr std::string_view kSecret = "a secret of thirty-two letters!!";
constexpr std::string_view kAnn = R"({"sub":"ann","exp":1700000060})";

std::string HeaderOf(std::string_view alg, std::string_view kid) {
  return R"({"alg":")" + std::string(alg) + R"(","kid":")" + std::string(kid) + "\"}";
}

// The name of the reason; "" of a token that is taken.
std::string_view NameOf(const JwtVerdict& verdict) {
  const auto* refusal = std::get_if<JwtRefusal>(&verdict);
  return refusal == nullptr ? "" : Info(*refusal).name;
}

// A verifier that has a key of each algorithm, and those who hold the other halves.
class JwtVerifierTest : public testing::Test {
 protected:
  // Made once: RSA keys take a while.
  static void SetUpTestSuite() { rsa_ = new SigningKey(SigningKey::Rsa()); }
  static void TearDownTestSuite() { delete rsa_; }

  static JwtVerifier OfKeys(const std::string& keys, JwtSettings settings = {}) {
    JwkSet set;
    EXPECT_TRUE(set.AddJson("{\"keys\":[" + keys + "]}").ok());
    return {std::move(set), std::move(settings)};
  }

  std::string_view WhyNot(std::string_view token) { return NameOf(all_.Verify(token, kNow)); }

  inline static const SigningKey* rsa_ = nullptr;
  const SigningKey secret_ = SigningKey::Secret(kSecret);
  const SigningKey p256_ = SigningKey::P256();
  const SigningKey ed25519_ = SigningKey::Ed25519();
  const SigningKey* const signers_[4] = {&secret_, rsa_, &p256_, &ed25519_};
  const JwtVerifier all_ = OfKeys(secret_.Jwk("HS256") + "," + rsa_->Jwk("RS256") + "," +
                                  p256_.Jwk("ES256") + "," + ed25519_.Jwk("EdDSA"));
  const JwtVerifier one_ = OfKeys(secret_.Jwk("only"));
};

TEST_F(JwtVerifierTest, TakesWhatTheHolderOfAKeySigned) {
  for (const SigningKey* signer : signers_) {
    SCOPED_TRACE(signer->alg());
    const JwtVerdict verdict =
        all_.Verify(MakeToken(HeaderOf(signer->alg(), signer->alg()), kAnn, *signer), kNow);
    ASSERT_EQ(NameOf(verdict), "");
    const auto& claims = std::get<JwtClaims>(verdict);
    EXPECT_EQ(claims.user, "ann");
    EXPECT_EQ(claims.expires_at, kNow + seconds(60));
    // In whatever set, and under whatever name.
    const JwtVerifier alone = OfKeys(signer->Jwk("another name"));
    EXPECT_EQ(alone.keys().Fingerprints(), std::vector<uint64_t>{claims.key});
  }
}

// Their claims have no sub, and are of 2011: what is not refused for its signature is past it.
TEST_F(JwtVerifierTest, ExamplesOfRfc7515ArePastTheirSignatures) {
  const std::string claims =
      ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnV"
      "lfQ.";
  const struct {
    const char* what;
    std::string key;
    std::string header;
    std::string signature;
  } kCases[] = {
      {"A.1",
       R"({"kty":"oct","alg":"HS256","kid":"a","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS)"
       R"(0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})",
       "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"},
      {"A.2",
       R"({"kty":"RSA","alg":"RS256","kid":"a","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJc)"
       R"(yQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWv)"
       R"(G6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2Ca)"
       R"(pHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFk)"
       R"(MLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"})",
       "eyJhbGciOiJSUzI1NiJ9",
       "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
       "O8W2Fp5"
       "jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"
       "nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb"
       "1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-"
       "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QO"
       "YEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"},
      {"A.3",
       R"({"kty":"EC","crv":"P-256","alg":"ES256","kid":"a",)"
       R"("x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
       R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})",
       "eyJhbGciOiJFUzI1NiJ9",
       "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    const JwtVerifier verifier = OfKeys(c.key, {.issuer = "joe"});
    const std::string token = c.header + claims + c.signature;
    EXPECT_EQ(NameOf(verifier.Verify(token, sys_seconds(seconds(1300819379)))), "NO_SUBJECT");
    EXPECT_EQ(NameOf(verifier.Verify(token, kNow)), "EXPIRED");
    const std::string other = c.header + claims + "A" + c.signature.substr(1);
    EXPECT_EQ(NameOf(verifier.Verify(other, kNow)), "BAD_SIGNATURE");
  }
}

TEST_F(JwtVerifierTest, ExampleOfRfc8037IsPastItsSignature) {
  const JwtVerifier verifier = OfKeys(R"({"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"a",)"
                                      R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
  const std::string token =
      "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-"
      "09PGcvMg"
      "3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
  EXPECT_EQ(NameOf(verifier.Verify(token, kNow)), "CLAIMS_MALFORMED");
}

TEST_F(JwtVerifierTest, OneBitOfAnyPartIsTooMany) {
  for (const SigningKey* signer : signers_) {
    SCOPED_TRACE(signer->alg());
    const std::string header = HeaderOf(signer->alg(), signer->alg());
    const std::string good = MakeToken(header, kAnn, *signer);
    ASSERT_EQ(WhyNot(good), "");
    for (size_t at = 0; at < good.size(); ++at) {
      std::string token = good;
      token[at] ^= 1;
      EXPECT_NE(WhyNot(token), "") << at;
    }
    const size_t claims_at = good.find('.') + 1;
    std::string other = good;
    other[claims_at + 12] = other[claims_at + 12] == 'A' ? 'B' : 'A';
    EXPECT_EQ(WhyNot(other), "BAD_SIGNATURE");
  }
}

TEST_F(JwtVerifierTest, SignaturesOfOthersAreRefused) {
  const std::string input =
      EncodeBase64Url(HeaderOf("ES256", "ES256")) + "." + EncodeBase64Url(kAnn);
  const std::string good = p256_.Sign(input), zero(32, '\0');
  const struct {
    const char* what;
    std::string token;
    std::string_view why;
  } kCases[] = {
      {"another secret",
       MakeToken(HeaderOf("HS256", "HS256"), kAnn, SigningKey::Secret("another secret")),
       "BAD_SIGNATURE"},
      {"another RSA key", MakeToken(HeaderOf("RS256", "RS256"), kAnn, SigningKey::Rsa()),
       "BAD_SIGNATURE"},
      {"another P-256 key", MakeToken(HeaderOf("ES256", "ES256"), kAnn, SigningKey::P256()),
       "BAD_SIGNATURE"},
      {"another Ed25519 key", MakeToken(HeaderOf("EdDSA", "EdDSA"), kAnn, SigningKey::Ed25519()),
       "BAD_SIGNATURE"},
      {"no signature", input + ".", "BAD_SIGNATURE"},
      {"ES256 in DER", input + "." + EncodeBase64Url(p256_.SignDer(input)), "BAD_SIGNATURE"},
      {"ES256, r is 0", input + "." + EncodeBase64Url(zero + good.substr(32)), "BAD_SIGNATURE"},
      {"ES256, s is 0", input + "." + EncodeBase64Url(good.substr(0, 32) + zero), "BAD_SIGNATURE"},
      {"ES256, both are 0", input + "." + EncodeBase64Url(zero + zero), "BAD_SIGNATURE"},
      {"expired, and wrongly signed: no oracle for claims",
       MakeToken(HeaderOf("HS256", "HS256"), R"({"exp":1})", SigningKey::Secret("another")),
       "BAD_SIGNATURE"},
      {"expired", MakeToken(HeaderOf("HS256", "HS256"), R"({"sub":"ann","exp":1})", secret_),
       "EXPIRED"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    EXPECT_EQ(WhyNot(c.token), c.why);
  }
}

TEST_F(JwtVerifierTest, AlgorithmIsTheKeysAndNotTheTokens) {
  const SigningKey rsa_pem = SigningKey::Secret(rsa_->PublicPem());
  const SigningKey rsa_der = SigningKey::Secret(rsa_->PublicDer());
  const SigningKey p256_pem = SigningKey::Secret(p256_.PublicPem());
  const struct {
    const char* what;
    std::string header;
    const SigningKey* signer;  // null: an empty signature
  } kCases[] = {
      {"none", HeaderOf("none", "HS256"), nullptr},
      {"None", HeaderOf("None", "RS256"), nullptr},
      {"NONE", HeaderOf("NONE", "ES256"), nullptr},
      {"nOnE, signed", HeaderOf("nOnE", "HS256"), &secret_},
      {"the empty name", HeaderOf("", "HS256"), &secret_},
      {"the public RSA key's PEM taken for a secret", HeaderOf("HS256", "RS256"), &rsa_pem},
      {"the public RSA key's DER taken for a secret", HeaderOf("HS256", "RS256"), &rsa_der},
      {"the public EC key's PEM taken for a secret", HeaderOf("HS256", "ES256"), &p256_pem},
      {"a right signature with another key's name", HeaderOf("HS256", "EdDSA"), &secret_},
      {"another letter case", HeaderOf("hs256", "HS256"), &secret_},
      {"a longer hash", HeaderOf("HS512", "HS256"), &secret_},
      {"the padding that RS256 does not have", HeaderOf("PS256", "RS256"), rsa_},
      {"RSA for ECDSA", HeaderOf("RS256", "ES256"), rsa_},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    const std::string input = EncodeBase64Url(c.header) + "." + EncodeBase64Url(kAnn) + ".";
    EXPECT_EQ(WhyNot(c.signer != nullptr ? MakeToken(c.header, kAnn, *c.signer) : input),
              "WRONG_ALGORITHM");
  }
}

TEST_F(JwtVerifierTest, HeaderIsReadStrictly) {
  const struct {
    const char* what;
    std::string header;
    std::string_view why;
  } kCases[] = {
      {"typ JWT", R"({"alg":"HS256","kid":"HS256","typ":"JWT"})", ""},
      {"typ of access tokens", R"({"alg":"HS256","kid":"HS256","typ":"AT+jwt"})", ""},
      {"typ in full", R"({"alg":"HS256","kid":"HS256","typ":"application/at+jwt"})", ""},
      {"what means nothing here", R"({"alg":"HS256","kid":"HS256","x5t":"a","cty":"b"})", ""},
      {"white space", " {\"alg\" :\r\n\"HS256\",\t\"kid\":\"HS256\"} ", ""},

      {"another typ", R"({"alg":"HS256","kid":"HS256","typ":"dpop+jwt"})", "HEADER_NOT_ALLOWED"},
      {"an empty typ", R"({"alg":"HS256","kid":"HS256","typ":""})", "HEADER_NOT_ALLOWED"},
      {"typ as a number", R"({"alg":"HS256","kid":"HS256","typ":1})", "HEADER_NOT_ALLOWED"},
      {"crit", R"({"alg":"HS256","kid":"HS256","crit":["exp"]})", "HEADER_NOT_ALLOWED"},
      {"crit null", R"({"alg":"HS256","kid":"HS256","crit":null})", "HEADER_NOT_ALLOWED"},
      {"b64", R"({"alg":"HS256","kid":"HS256","b64":true})", "HEADER_NOT_ALLOWED"},
      {"jku", R"({"alg":"HS256","kid":"HS256","jku":"https://x"})", "HEADER_NOT_ALLOWED"},
      {"x5u", R"({"alg":"HS256","kid":"HS256","x5u":"https://x"})", "HEADER_NOT_ALLOWED"},
      {"jwk", R"({"alg":"HS256","kid":"HS256","jwk":{"kty":"oct"}})", "HEADER_NOT_ALLOWED"},
      {"x5c", R"({"alg":"HS256","kid":"HS256","x5c":["a"]})", "HEADER_NOT_ALLOWED"},

      {"no alg", R"({"kid":"HS256"})", "MALFORMED"},
      {"alg as a number", R"({"alg":1,"kid":"HS256"})", "MALFORMED"},
      {"alg as an array", R"({"alg":["HS256"],"kid":"HS256"})", "MALFORMED"},
      {"alg twice", R"({"alg":"none","kid":"HS256","alg":"HS256"})", "MALFORMED"},
      {"alg twice, once escaped", R"({"a\u006cg":"none","kid":"HS256","alg":"HS256"})",
       "MALFORMED"},
      {"kid twice", R"({"alg":"HS256","kid":"HS256","kid":"HS256"})", "MALFORMED"},
      {"an empty kid", R"({"alg":"HS256","kid":""})", "MALFORMED"},
      {"kid as a number", R"({"alg":"HS256","kid":1})", "MALFORMED"},
      {"kid null", R"({"alg":"HS256","kid":null})", "MALFORMED"},
      {"deep", R"({"alg":"HS256","kid":"HS256","a":[[[[]]]]})", "MALFORMED"},
      {"an array", R"(["HS256"])", "MALFORMED"},
      {"no JSON", "HS256", "MALFORMED"},
      {"invalid UTF-8", "{\"alg\":\"HS256\",\"kid\":\"HS256\",\"a\":\"\xFF\"}", "MALFORMED"},
      {"NUL behind it", R"({"alg":"HS256","kid":"HS256"})" + std::string(1, '\0'), "MALFORMED"},

      {"no kid, of four keys", R"({"alg":"HS256"})", "UNKNOWN_KEY"},
      {"an unknown kid", R"({"alg":"HS256","kid":"hs256"})", "UNKNOWN_KEY"},
      {"a kid that is a path", R"({"alg":"HS256","kid":"../../dev/null"})", "UNKNOWN_KEY"},
      {"NUL behind the kid", R"({"alg":"HS256","kid":"HS256\u0000"})", "UNKNOWN_KEY"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    EXPECT_EQ(WhyNot(MakeToken(c.header, kAnn, secret_)), c.why);
  }
}

TEST_F(JwtVerifierTest, OneKeyNeedsNoName) {
  const auto why_not = [&](std::string_view header) {
    return NameOf(one_.Verify(MakeToken(header, kAnn, secret_), kNow));
  };
  EXPECT_EQ(why_not(R"({"alg":"HS256"})"), "");
  EXPECT_EQ(why_not(R"({"alg":"HS256","kid":"only"})"), "");
  EXPECT_EQ(why_not(R"({"alg":"HS256","kid":"another"})"), "UNKNOWN_KEY");
  EXPECT_EQ(why_not(R"({"alg":"HS256","kid":""})"), "MALFORMED");
  EXPECT_EQ(why_not(R"({"alg":"none"})"), "WRONG_ALGORITHM");
}

TEST_F(JwtVerifierTest, WithoutKeysNothingIsGood) {
  const JwtVerifier none({}, {});
  EXPECT_EQ(NameOf(none.Verify(MakeToken(R"({"alg":"HS256"})", kAnn, secret_), kNow)),
            "UNKNOWN_KEY");
  EXPECT_EQ(NameOf(none.Verify(MakeToken(R"({"alg":"none"})", kAnn, secret_), kNow)),
            "UNKNOWN_KEY");
}

TEST_F(JwtVerifierTest, TokenIsThreePartsAndNothingElse) {
  const std::string good = MakeToken(HeaderOf("HS256", "HS256"), kAnn, secret_);
  const size_t first = good.find('.'), last = good.rfind('.');
  const std::string header = good.substr(0, first), signature = good.substr(last + 1);
  const std::string claims = good.substr(first + 1, last - first - 1);
  ASSERT_EQ(WhyNot(good), "");
  const struct {
    const char* what;
    std::string token;
  } kCases[] = {
      {"nothing", ""},
      {"a word", "ann"},
      {"one part", header},
      {"two parts", header + "." + claims},
      {"four parts", good + "." + signature},
      {"five parts, as an encrypted token has", good + ".a.b"},
      {"a point behind it", good + "."},
      {"a point in front", "." + good},
      {"points alone", ".."},
      {"no header", "." + claims + "." + signature},
      {"no claims", header + ".." + signature},
      {"a space behind it", good + " "},
      {"a space in front", " " + good},
      {"a line feed behind it", good + "\n"},
      {"a line feed between", header + ".\n" + claims + "." + signature},
      {"a tab in the signature", header + "." + claims + "." + signature.substr(1) + "\t"},
      {"NUL behind it", good + '\0'},
      {"Bearer", "Bearer " + good},
      {"quotes", "\"" + good + "\""},
      {"padding", good + "="},
      {"padding of the header", header + "=." + claims + "." + signature},
      {"the other alphabet", header + "." + claims + "." + signature.substr(1) + "+"},
      {"another form of the same signature",
       header + "." + claims + "." + signature.substr(0, signature.size() - 1) + "_"},
      {"JSON", R"({"payload":"","signatures":[]})"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    EXPECT_EQ(WhyNot(c.token), "MALFORMED");
  }
}

TEST_F(JwtVerifierTest, LengthIsLimited) {
  const auto of_length = [&](size_t padding) {
    const std::string claims = R"({"sub":"ann","exp":1700000060,"a":")";
    return MakeToken(HeaderOf("HS256", "HS256"), claims + std::string(padding, 'x') + "\"}",
                     secret_);
  };
  // Four characters for three bytes: none too many, and the last that fit.
  size_t padding = (kTokenBytesMax - of_length(0).size()) / 4 * 3;
  while (of_length(padding + 1).size() <= kTokenBytesMax) ++padding;
  EXPECT_EQ(WhyNot(of_length(padding)), "");
  EXPECT_EQ(WhyNot(of_length(padding + 1)), "TOO_LONG");
  EXPECT_EQ(WhyNot(std::string(1 << 20, '.')), "TOO_LONG");
}

TEST_F(JwtVerifierTest, SettingsAreThoseOfTheClaims) {
  const JwtVerifier verifier =
      OfKeys(secret_.Jwk("only"), {.issuer = "id", .audience = "broker", .groups_claim = "roles"});
  const auto verify = [&](std::string_view claims) {
    return verifier.Verify(MakeToken(R"({"alg":"HS256"})", claims, secret_), kNow);
  };
  EXPECT_EQ(NameOf(verify(kAnn)), "WRONG_ISSUER");
  EXPECT_EQ(NameOf(verify(R"({"sub":"ann","exp":1700000060,"iss":"id"})")), "WRONG_AUDIENCE");
  const JwtVerdict verdict =
      verify(R"({"sub":"ann","exp":1700000060,"iss":"id","aud":["broker"],"roles":["staff"]})");
  ASSERT_EQ(NameOf(verdict), "");
  EXPECT_EQ(std::get<JwtClaims>(verdict).issuer, "id");
  EXPECT_EQ(std::get<JwtClaims>(verdict).groups, std::vector<std::string>{"staff"});
}

}  // namespace
}  // namespace esockets::broker
