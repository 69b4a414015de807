#include "app/plan_users.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "app/plan.h"
#include "base/password_file.h"
#include "base/strings.h"
#include "broker/authenticator.h"
#include "gtest/gtest.h"
#include "tests/support/jwt_maker.h"
#include "tests/support/sim_executor.h"

namespace esockets::app {
namespace {

constexpr base::PasswordCost kCheap{.memory_kib = base::kPasswordMemoryKibMin, .passes = 1};
// SimClock begins an hour after 1,700,000,000.
constexpr std::string_view kAnn =
    R"({"sub":"ann","exp":1700003700,"iss":"https://id","aud":"chat","roles":["ops"]})";

class PlanUsersTest : public testing::Test {
 protected:
  PlanUsersTest() {
    std::string folder = (std::filesystem::path(testing::TempDir()) / "users.XXXXXX").string();
    folder_ = ::mkdtemp(folder.data());
    base::PasswordFile file;
    EXPECT_TRUE(file.Set("cat", base::PasswordHash::Of("miaow", kCheap)).ok());
    EXPECT_TRUE(file.Set("ops", base::PasswordHash::Of("sesame", kCheap)).ok());
    EXPECT_TRUE(file.Write(Path("passwords")).ok());
    Write("jwks", base::StrCat("{\"keys\":[", key_.Jwk("k"), "]}"));
  }
  ~PlanUsersTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(std::string_view name) { return (folder_ / name).string(); }
  void Write(std::string_view name, std::string_view text) {
    std::ofstream(Path(name), std::ios::binary) << text;
  }
  absl::StatusOr<Plan> PlanOf(std::string_view text) {
    const absl::StatusOr<LoadedConfig> loaded = ParseConfig(text, "b.textproto");
    EXPECT_TRUE(loaded.ok()) << loaded.status();
    return MakePlan(*loaded);
  }
  std::string WhyNot(std::string_view text) {
    return std::string(base::Message(PlanOf(text).status()));
  }
  std::string PasswordFileLine() {
    return base::StrCat("password_file: \"", Path("passwords"), "\"\n");
  }
  std::string JwtLine(std::string_view more) {
    return base::StrCat("jwt { jwks_file: \"", Path("jwks"), "\" ", more, " }\n");
  }
  std::string Token(std::string_view claims) {
    return tests::MakeToken(R"({"alg":"HS256","kid":"k"})", claims, key_);
  }

  // Nothing: it is refused.
  static std::optional<broker::Identity> IdentityOf(const Plan& plan,
                                                    const broker::Credentials& credentials) {
    tests::SimExecutor loop;
    std::optional<broker::Identity> found;
    plan.broker.settings.authenticator->Authenticate(
        credentials, {.loop = &loop}, [&found](broker::AuthVerdict verdict) {
          if (auto* who = std::get_if<broker::Identity>(&verdict)) found = std::move(*who);
        });
    return found;
  }

  std::filesystem::path folder_;
  const tests::SigningKey key_ = tests::SigningKey::Secret("a secret of thirty-two letters!!");
};

TEST_F(PlanUsersTest, UsersOfThePasswordFileComeInAndTheConfigurationTellsTheirRights) {
  const auto plan = PlanOf(base::StrCat(PasswordFileLine(), "users { name: \"ops\" admin: true }\n",
                                        "users { name: \"robot\" token: \"t0ken\" }"));
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_FALSE(IdentityOf(*plan, {"", "cat", "miaow"})->admin);
  EXPECT_TRUE(IdentityOf(*plan, {"", "ops", "sesame"})->admin);
  EXPECT_TRUE(IdentityOf(*plan, {"t0ken", "", ""}));
  EXPECT_FALSE(IdentityOf(*plan, {"", "ops", "miaow"}));
  EXPECT_FALSE(IdentityOf(*plan, {"", "", ""}));
  EXPECT_EQ(plan->who.users, 3U);
  EXPECT_TRUE(plan->warnings.empty());
}

TEST_F(PlanUsersTest, AnEmptyPasswordFileLetsNobodyIn) {
  Write("passwords", "# nobody yet\n");
  const auto plan = PlanOf(PasswordFileLine());
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_FALSE(plan->broker.settings.authenticator->open());
  EXPECT_FALSE(IdentityOf(*plan, {"", "cat", "miaow"}));
  EXPECT_FALSE(IdentityOf(*plan, {"", "", ""}));
}

TEST_F(PlanUsersTest, TokensOfAnIssuer) {
  const auto plan = PlanOf(
      JwtLine(R"(issuer: "https://id" audience: "chat" groups_claim: "roles" admin_group: "ops")"));
  ASSERT_TRUE(plan.ok()) << plan.status();
  const auto ann = IdentityOf(*plan, {Token(kAnn), "", ""});
  ASSERT_TRUE(ann);
  EXPECT_EQ(ann->user, "ann");
  EXPECT_TRUE(ann->admin);
  EXPECT_TRUE(ann->expires_at);
  EXPECT_FALSE(IdentityOf(*plan, {Token(R"({"sub":"ann","exp":1700003700})"), "", ""}));
  EXPECT_FALSE(IdentityOf(*plan, {"", "ann", ""}));
  EXPECT_TRUE(plan->who.tokens);
}

TEST_F(PlanUsersTest, LeewayAndTokensWithoutAnEndAreTheOperatorsChoice) {
  const std::string expired = Token(R"({"sub":"ann","exp":1700003550})");
  const std::string for_ever = Token(R"({"sub":"ann"})");
  const auto strict = PlanOf(JwtLine("leeway_seconds: 0"));
  EXPECT_FALSE(IdentityOf(*strict, {expired, "", ""}));
  EXPECT_FALSE(IdentityOf(*strict, {for_ever, "", ""}));
  const auto lenient = PlanOf(JwtLine("leeway_seconds: 60 allow_without_exp: true"));
  EXPECT_TRUE(IdentityOf(*lenient, {expired, "", ""}));
  EXPECT_FALSE(IdentityOf(*lenient, {for_ever, "", ""})->expires_at);
}

TEST_F(PlanUsersTest, AnonymousClientsComeInWhereTheyAreAllowed) {
  const auto plan = PlanOf(PasswordFileLine() + "allow_anonymous: true");
  ASSERT_TRUE(plan.ok()) << plan.status();
  const auto nobody = IdentityOf(*plan, {"", "", ""});
  ASSERT_TRUE(nobody);
  EXPECT_EQ(nobody->user, "");
  EXPECT_FALSE(nobody->admin);
  EXPECT_FALSE(IdentityOf(*plan, {"", "cat", "guess"}));
  EXPECT_TRUE(plan->who.anonymous);
}

TEST_F(PlanUsersTest, WhereTheyAreNamedOtherAddressesAreListenedOn) {
  for (const std::string& named : {PasswordFileLine(), JwtLine("")}) {
    EXPECT_EQ(WhyNot(named + "listen: \"0.0.0.0:1234\""), "");
  }
}

TEST_F(PlanUsersTest, APasswordFileThatOthersMayReadIsToldOf) {
  ASSERT_EQ(::chmod(Path("passwords").c_str(), 0644), 0);
  const auto plan = PlanOf(PasswordFileLine());
  ASSERT_EQ(plan->warnings.size(), 1U);
  EXPECT_EQ(plan->warnings[0], base::StrCat("everybody on this machine may read ",
                                            Path("passwords"), ": chmod o= it"));
  EXPECT_TRUE(plan->loopback_only);
}

TEST_F(PlanUsersTest, MistakesHaveTheirPlace) {
  Write("half", "cat:$argon2id$v=19$m=81");
  Write("no_keys", "{\"keys\":[]}");
  Write("private", "{\"keys\":[{\"kty\":\"oct\"}]}");
  const struct {
    std::string text;
    std::string_view why;
  } kCases[] = {
      {"password_file: \"/nowhere/passwords\"",
       "b.textproto:1:1: password_file: /nowhere/passwords: there is no such file"},
      {base::StrCat("password_file: \"", Path("half"), "\""), "half:1: the last line is cut off"},
      {PasswordFileLine() + "users { name: \"dog\" }",
       "users[0]: needs either a token, a password, or certificate: true, or a line in the "
       "password_file"},
      {PasswordFileLine() + "users { name: \"cat\" password: \"x\" }",
       "users[0]: has a password in the password_file already"},
      {PasswordFileLine() + "users { name: \"cat\" } users { name: \"cat\" }",
       "users[1].name: \"cat\" is another user already"},
      {"jwt { issuer: \"x\" }", "jwt.jwks_file: is missing: whose signatures are good?"},
      {"jwt { jwks_file: \"/nowhere/jwks\" }",
       "jwt.jwks_file: /nowhere/jwks: there is no such file"},
      {base::StrCat("jwt { jwks_file: \"", Path("no_keys"), "\" }"),
       "no_keys: the JWK set: keys must be an array of at least one key"},
      {base::StrCat("jwt { jwks_file: \"", Path("private"), "\" }"), "private: "},
      {JwtLine("leeway_seconds: 601"), "jwt.leeway_seconds: must be at most 600"},
  };
  for (const auto& test : kCases) {
    const std::string why = WhyNot(test.text);
    EXPECT_NE(why.find(test.why), std::string::npos) << test.text << "\n" << why;
  }
}

TEST_F(PlanUsersTest, MistakesTellNoSecrets) {
  Write("passwords", "cat:hunter2\n");
  EXPECT_EQ(WhyNot(PasswordFileLine()).find("hunter2"), std::string::npos);
  Write("jwks", R"({"keys":[{"kty":"oct","kid":"k","alg":"HS256","k":"aHVudGVyMg"}]})");
  EXPECT_EQ(WhyNot(JwtLine("")).find("aHVudGVyMg"), std::string::npos);
}

}  // namespace
}  // namespace esockets::app
