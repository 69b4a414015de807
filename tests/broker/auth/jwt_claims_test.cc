#include "broker/auth/jwt_claims.h"

#include <string>

#include "broker/auth/jwt_refusal.h"
#include "broker/auth/limits.h"
#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr int64_t kNowSeconds = 1'700'000'000;
constexpr sys_seconds kNow{seconds(kNowSeconds)};

std::string Times(char c, size_t times) { return std::string(times, c); }

// "ann" until in a minute, and more members.
std::string Ann(const std::string& more = "") {
  return R"({"sub":"ann","exp":1700000060)" + (more.empty() ? "" : "," + more) + "}";
}
// With another sub.
std::string Sub(const std::string& json) { return R"({"exp":1700000060,"sub":)" + json + "}"; }
std::string Exp(const std::string& json) { return R"({"sub":"ann","exp":)" + json + "}"; }

// The name of the reason; "" of claims that are taken.
std::string_view WhyNot(const std::string& claims, const JwtSettings& settings = {}) {
  const JwtVerdict verdict = ReadJwtClaims(claims, settings, kNow);
  const auto* refusal = std::get_if<JwtRefusal>(&verdict);
  return refusal == nullptr ? "" : Info(*refusal).name;
}

JwtClaims Read(const std::string& claims, const JwtSettings& settings = {}) {
  const JwtVerdict verdict = ReadJwtClaims(claims, settings, kNow);
  if (const auto* taken = std::get_if<JwtClaims>(&verdict)) return *taken;
  ADD_FAILURE() << WhyNot(claims, settings) << ": " << claims;
  return {};
}

TEST(JwtClaims, AllOfThemCome) {
  const JwtClaims claims = Read(
      R"({"iss":"https://id.example","sub":"ann \u00e9","exp":1700000060.5,"nbf":1699999999,
          "iat":1.6999999e9,"groups":["staff","ops"],"admin":true,"level":1.50,"big":12345678901234567890,
          "text":"a\u0000b","none":null,"object":{"a":"b"},"mixed":["a",1],"empty":[],"roles":["r"]})");
  EXPECT_EQ(claims.user, "ann \xC3\xA9");
  EXPECT_EQ(claims.issuer, "https://id.example");
  EXPECT_EQ(claims.expires_at, kNow + seconds(60)) << "a fraction does not lengthen it";
  EXPECT_EQ(claims.groups, (std::vector<std::string>{"staff", "ops"}));
  const base::StringMap<std::string> scalars = {
      {"iss", "https://id.example"},
      {"sub", "ann \xC3\xA9"},
      {"exp", "1700000060.5"},
      {"nbf", "1699999999"},
      {"iat", "1.6999999e9"},
      {"admin", "true"},
      {"level", "1.50"},
      {"big", "12345678901234567890"},
      {"text", std::string("a\0b", 3)},
  };
  EXPECT_EQ(claims.scalars, scalars);
  const base::StringMap<std::vector<std::string>> lists = {
      {"groups", {"staff", "ops"}}, {"empty", {}}, {"roles", {"r"}}};
  EXPECT_EQ(claims.lists, lists);
}

TEST(JwtClaims, AreOneObjectOfJson) {
  const struct {
    const char* what;
    std::string claims;
    std::string_view why;
  } kCases[] = {
      {"no JSON", "Example of Ed25519 signing", "CLAIMS_MALFORMED"},
      {"nothing", "", "CLAIMS_MALFORMED"},
      {"an array", "[]", "CLAIMS_MALFORMED"},
      {"exp twice", Ann(R"("exp":1700000060)"), "CLAIMS_MALFORMED"},
      {"sub twice", Ann(R"("sub":"bob")"), "CLAIMS_MALFORMED"},
      {"sub twice, once escaped", Ann(R"("s\u0075b":"bob")"), "CLAIMS_MALFORMED"},
      {"a name twice within", Ann(R"("a":{"b":1,"b":2})"), "CLAIMS_MALFORMED"},
      {"16 levels", Ann("\"a\":" + Times('[', 15) + Times(']', 15)), ""},
      {"17 levels", Ann("\"a\":" + Times('[', 16) + Times(']', 16)), "CLAIMS_MALFORMED"},
      {"NUL behind it", Ann() + '\0', "CLAIMS_MALFORMED"},
      {"invalid UTF-8 somewhere", Ann("\"a\":\"\xFF\""), "CLAIMS_MALFORMED"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    EXPECT_EQ(WhyNot(c.claims), c.why);
  }
}

TEST(JwtClaims, ExpiryDecides) {
  const struct {
    const char* what;
    std::string claims;
    std::string_view why;
  } kCases[] = {
      {"in a minute", Exp("1700000060"), ""},
      {"within the leeway", Exp("1699999971"), ""},
      {"at the end of the leeway", Exp("1699999970"), "EXPIRED"},
      {"with a fraction, at the end of the leeway", Exp("1699999970.9"), "EXPIRED"},
      {"long ago", Exp("0"), "EXPIRED"},
      {"before 1970", Exp("-1"), "EXPIRED"},
      {"minus nothing", Exp("-0"), "EXPIRED"},
      {"with an exponent", Exp("17.0000006E8"), ""},
      {"the last moment", Exp("253402300799"), ""},
      {"beyond it: milliseconds", Exp("1700000060000000"), "TIME_INVALID"},
      {"one beyond it", Exp("253402300800"), "TIME_INVALID"},
      {"2^63", Exp("9223372036854775808"), "TIME_INVALID"},
      {"2^64", Exp("18446744073709551616"), "TIME_INVALID"},
      {"-2^63", Exp("-9223372036854775808"), "TIME_INVALID"},
      {"1e300", Exp("1e300"), "TIME_INVALID"},
      {"1e400", Exp("1e400"), "CLAIMS_MALFORMED"},
      {"-1e400", Exp("-1e400"), "CLAIMS_MALFORMED"},
      {"1e-400", Exp("1e-400"), "TIME_INVALID"},
      {"a hundred digits", Exp("1" + Times('0', 99)), "TIME_INVALID"},
      {"a thousand digits", Exp("1" + Times('0', 999)), "CLAIMS_MALFORMED"},
      {"a string", Exp(R"("1700000060")"), "TIME_INVALID"},
      {"null", Exp("null"), "TIME_INVALID"},
      {"true", Exp("true"), "TIME_INVALID"},
      {"an array", Exp("[1700000060]"), "TIME_INVALID"},
      {"absent", R"({"sub":"ann"})", "NO_EXPIRY"},
      {"absent, but for its case", R"({"sub":"ann","EXP":1700000060})", "NO_EXPIRY"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    EXPECT_EQ(WhyNot(c.claims), c.why);
  }
}

TEST(JwtClaims, SettingsLetATokenBeForEver) {
  const JwtSettings settings{.exp_required = false};
  EXPECT_EQ(Read(R"({"sub":"ann"})", settings).expires_at, std::nullopt);
  EXPECT_EQ(WhyNot(Exp("1699999970"), settings), "EXPIRED") << "an exp that is there counts";
  EXPECT_EQ(WhyNot(Exp("null"), settings), "TIME_INVALID");
}

TEST(JwtClaims, LeewayIsAsConfigured) {
  EXPECT_EQ(WhyNot(Exp("1700000000"), {.leeway = seconds(0)}), "EXPIRED");
  EXPECT_EQ(WhyNot(Exp("1700000001"), {.leeway = seconds(0)}), "");
  EXPECT_EQ(WhyNot(Ann(R"("nbf":1700000001)"), {.leeway = seconds(0)}), "NOT_YET_VALID");
  EXPECT_EQ(WhyNot(Exp("1699999000"), {.leeway = seconds(1001)}), "");
}

TEST(JwtClaims, NotBeforeAndIssuedAtAreTimes) {
  const struct {
    const char* what;
    const char* member;
    std::string_view why;
  } kCases[] = {
      {"nbf now", R"("nbf":1700000000)", ""},
      {"nbf within the leeway", R"("nbf":1700000030)", ""},
      {"nbf behind it by a fraction", R"("nbf":1700000030.1)", "NOT_YET_VALID"},
      {"nbf behind it", R"("nbf":1700000031)", "NOT_YET_VALID"},
      {"nbf in the year 9999", R"("nbf":253402300799)", "NOT_YET_VALID"},
      {"nbf in milliseconds", R"("nbf":1700000000000)", "TIME_INVALID"},
      {"nbf as a string", R"("nbf":"1700000000")", "TIME_INVALID"},
      {"nbf null", R"("nbf":null)", "TIME_INVALID"},
      {"nbf 1e400", R"("nbf":1e400)", "CLAIMS_MALFORMED"},
      {"iat now", R"("iat":1700000000.25)", ""},
      {"iat as a string", R"("iat":"now")", "TIME_INVALID"},
      {"iat 1e99", R"("iat":1e99)", "TIME_INVALID"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    EXPECT_EQ(WhyNot(Ann(c.member)), c.why);
  }
}

TEST(JwtClaims, IssuerAndAudienceAreTheConfiguredOnes) {
  const JwtSettings issuer{.issuer = "id"}, audience{.audience = "broker"};
  const struct {
    const char* what;
    JwtSettings settings;
    const char* member;
    std::string_view why;
  } kCases[] = {
      {"any issuer", {}, R"("iss":"other")", ""},
      {"no string", {}, R"("iss":["id"])", "WRONG_ISSUER"},
      {"the issuer", issuer, R"("iss":"id")", ""},
      {"another issuer", issuer, R"("iss":"other")", "WRONG_ISSUER"},
      {"its name with a slash", issuer, R"("iss":"id/")", "WRONG_ISSUER"},
      {"its name in capitals", issuer, R"("iss":"ID")", "WRONG_ISSUER"},
      {"NUL behind it", issuer, R"("iss":"id\u0000")", "WRONG_ISSUER"},
      {"no issuer", issuer, R"("a":1)", "WRONG_ISSUER"},
      {"an array of it", issuer, R"("iss":["id"])", "WRONG_ISSUER"},

      {"no audience configured, none there", {}, R"("a":1)", ""},
      {"no audience configured", {}, R"("aud":"broker")", "WRONG_AUDIENCE"},
      {"no audience configured, an empty one", {}, R"("aud":"")", "WRONG_AUDIENCE"},
      {"no audience configured, null", {}, R"("aud":null)", "WRONG_AUDIENCE"},
      {"the audience", audience, R"("aud":"broker")", ""},
      {"one of several", audience, R"("aud":["a","broker"])", ""},
      {"another", audience, R"("aud":"broker2")", "WRONG_AUDIENCE"},
      {"others", audience, R"("aud":["a","Broker"])", "WRONG_AUDIENCE"},
      {"an empty array", audience, R"("aud":[])", "WRONG_AUDIENCE"},
      {"an empty string", audience, R"("aud":"")", "WRONG_AUDIENCE"},
      {"an array with a number", audience, R"("aud":["broker",1])", "WRONG_AUDIENCE"},
      {"an object", audience, R"("aud":{"broker":"broker"})", "WRONG_AUDIENCE"},
      {"an array in an array", audience, R"("aud":[["broker"]])", "WRONG_AUDIENCE"},
      {"a number", audience, R"("aud":1)", "WRONG_AUDIENCE"},
      {"none", audience, R"("a":1)", "WRONG_AUDIENCE"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    EXPECT_EQ(WhyNot(Ann(c.member), c.settings), c.why);
  }
}

TEST(JwtClaims, SubjectIsANameToShow) {
  const struct {
    const char* what;
    std::string claims;
    std::string_view why;
  } kCases[] = {
      {"one letter", Sub(R"("a")"), ""},
      {"as long as may be", Sub("\"" + Times('a', kUserBytesMax) + "\""), ""},
      {"longer", Sub("\"" + Times('a', kUserBytesMax + 1) + "\""), "NO_SUBJECT"},
      {"Cyrillic, and an emoji", Sub(R"("Аня \ud83d\ude00")"), ""},
      {"no sub", R"({"exp":1700000060})", "NO_SUBJECT"},
      {"empty", Sub(R"("")"), "NO_SUBJECT"},
      {"null", Sub("null"), "NO_SUBJECT"},
      {"a number", Sub("1"), "NO_SUBJECT"},
      {"an array", Sub(R"(["ann"])"), "NO_SUBJECT"},
      {"NUL", Sub(R"("ann\u0000admin")"), "NO_SUBJECT"},
      {"NUL unescaped", Sub(std::string("\"ann\0\"", 6)), "CLAIMS_MALFORMED"},
      {"a line feed", Sub(R"("ann\nbob")"), "NO_SUBJECT"},
      {"an escape for terminals", Sub(R"("\u001b[2J")"), "NO_SUBJECT"},
      {"DEL", Sub(R"("ann\u007f")"), "NO_SUBJECT"},
      {"the escape above ASCII", Sub(R"("ann\u009b2J")"), "NO_SUBJECT"},
      {"the first letter above the controls", Sub(R"("ann\u00a0")"), ""},
      {"invalid UTF-8", Sub("\"ann\xC3\""), "CLAIMS_MALFORMED"},
      {"an overlong NUL", Sub("\"ann\xC0\x80\""), "CLAIMS_MALFORMED"},
      {"a surrogate as UTF-8", Sub("\"\xED\xA0\x80\""), "CLAIMS_MALFORMED"},
      {"half of a pair", Sub(R"("\ud83d")"), "CLAIMS_MALFORMED"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    EXPECT_EQ(WhyNot(c.claims), c.why);
  }
}

// An array of so many strings.
std::string Array(size_t size) {
  std::string array = "[";
  for (size_t i = 0; i < size; ++i) array += i == 0 ? "\"g\"" : ",\"g\"";
  return array + "]";
}

TEST(JwtClaims, GroupsAreNames) {
  const std::string longest = "\"" + Times('g', kGroupBytesMax) + "\"";
  const struct {
    const char* what;
    std::string groups;
    std::string_view why;
  } kCases[] = {
      {"none", "[]", ""},
      {"one as a string", R"("staff")", ""},
      {"as many as may be", Array(kGroupsMax), ""},
      {"more", Array(kGroupsMax + 1), "GROUPS_INVALID"},
      {"as long as may be", "[" + longest + "]", ""},
      {"longer", "[\"g" + longest.substr(1) + "]", "GROUPS_INVALID"},
      {"an empty one", R"(["staff",""])", "GROUPS_INVALID"},
      {"an empty string", R"("")", "GROUPS_INVALID"},
      {"NUL", R"(["staff\u0000"])", "GROUPS_INVALID"},
      {"a number among them", R"(["staff",1])", "GROUPS_INVALID"},
      {"an object", R"({"staff":true})", "GROUPS_INVALID"},
      {"null", "null", "GROUPS_INVALID"},
      {"a number", "1", "GROUPS_INVALID"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    EXPECT_EQ(WhyNot(Ann("\"groups\":" + c.groups)), c.why);
  }
}

TEST(JwtClaims, GroupsComeFromTheConfiguredClaim) {
  const std::string claims = Ann(R"("groups":["a"],"https://example/roles":"b")");
  EXPECT_EQ(Read(claims).groups, std::vector<std::string>{"a"});
  EXPECT_EQ(Read(claims, {.groups_claim = "https://example/roles"}).groups,
            std::vector<std::string>{"b"});
  EXPECT_TRUE(Read(claims, {.groups_claim = "absent"}).groups.empty());
  EXPECT_EQ(WhyNot(Ann(R"("groups":1)"), {.groups_claim = "absent"}), "");
}

TEST(JwtClaims, ThereAreNotTooMany) {
  std::string members;
  for (size_t i = 2; i < kClaimsMax; ++i) {
    members += (members.empty() ? "\"c" : ",\"c") + std::to_string(i) + "\":1";
  }
  EXPECT_EQ(WhyNot(Ann(members)), "");
  EXPECT_EQ(WhyNot(Ann(members + ",\"one\":1")), "TOO_MANY_CLAIMS");
}

}  // namespace
}  // namespace esockets::broker
