#include "broker/local_authenticator.h"

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/password_hash.h"
#include "base/work_pool.h"
#include "gtest/gtest.h"
#include "tests/support/jwt_maker.h"
#include "tests/support/sim_executor.h"

namespace esockets::broker {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr base::PasswordCost kCheap{.memory_kib = base::kPasswordMemoryKibMin, .passes = 1};
// SimClock begins an hour after 1,700,000,000.
constexpr sys_seconds kNow{seconds(1'700'003'600)};

class LocalAuthenticatorTest : public testing::Test {
 protected:
  // Of one that answers within the call.
  AuthVerdict Judge(const Credentials& credentials) {
    std::optional<AuthVerdict> result;
    authenticator_.Authenticate(credentials, {.loop = &loop_},
                                [&result](AuthVerdict verdict) { result = std::move(verdict); });
    EXPECT_TRUE(result.has_value());
    return result ? *result : AuthRefusal{};
  }
  // The user; "-" if it is refused.
  std::string UserOf(const Credentials& credentials) {
    const AuthVerdict verdict = Judge(credentials);
    const auto* identity = std::get_if<Identity>(&verdict);
    return identity == nullptr ? "-" : identity->user;
  }

  tests::SimExecutor loop_;
  LocalAuthenticator authenticator_;
};

TEST_F(LocalAuthenticatorTest, WithoutEntriesEverybodyComesInAsAdministrator) {
  EXPECT_TRUE(authenticator_.open());
  const AuthVerdict verdict = Judge({.token = "", .user = "ann", .password = ""});
  EXPECT_EQ(std::get<Identity>(verdict), (Identity{.user = "ann", .admin = true}));
}

TEST_F(LocalAuthenticatorTest, ClosedWithoutEntriesNobodyComesIn) {
  authenticator_.Close();
  EXPECT_FALSE(authenticator_.open());
  EXPECT_EQ(UserOf({.token = "", .user = "ann", .password = ""}), "-");
  EXPECT_EQ(UserOf({.token = "", .user = "", .password = ""}), "-");
}

TEST_F(LocalAuthenticatorTest, OnlyTheRightCredentialsFit) {
  authenticator_.AddToken("robot", "t0ken", false);
  authenticator_.AddPassword("ann", "secret", true);
  authenticator_.AddPassword("bob", "secret", false);
  authenticator_.AddPasswordHash("cat", base::PasswordHash::Of("miaow", kCheap), false);
  const struct {
    const char* what;
    Credentials credentials;
    const char* user;
  } kCases[] = {
      {"nothing", {"", "", ""}, "-"},
      {"the token", {"t0ken", "", ""}, "robot"},
      {"the token with another user's name", {"t0ken", "ann", ""}, "robot"},
      {"a wrong token", {"t0ke", "", ""}, "-"},
      {"a wrong token with a right password: the token decides", {"x", "ann", "secret"}, "-"},
      {"a password as token", {"secret", "", ""}, "-"},
      {"user and password", {"", "ann", "secret"}, "ann"},
      {"the same password of another user", {"", "bob", "secret"}, "bob"},
      {"a wrong password", {"", "ann", "Secret"}, "-"},
      {"a password without its user", {"", "", "secret"}, "-"},
      {"an unknown user", {"", "eve", "secret"}, "-"},
      {"an unknown user with a password that is somebody's hash", {"", "eve", "miaow"}, "-"},
      {"the token's user without a password", {"", "robot", ""}, "-"},
      {"the token as password", {"", "robot", "t0ken"}, "-"},
      {"a password whose hash is kept", {"", "cat", "miaow"}, "cat"},
      {"another", {"", "cat", "secret"}, "-"},
      {"the hash itself", {"", "cat", "$argon2id$v=19$m=8192,t=1,p=1$"}, "-"},
  };
  for (const auto& c : kCases) EXPECT_EQ(UserOf(c.credentials), c.user) << c.what;
  EXPECT_TRUE(std::get<Identity>(Judge({"", "ann", "secret"})).admin);
  EXPECT_FALSE(std::get<Identity>(Judge({"", "bob", "secret"})).admin);
}

TEST_F(LocalAuthenticatorTest, AnonymousIfAllowedAndWithoutRights) {
  authenticator_.AllowAnonymous();
  EXPECT_FALSE(authenticator_.open());
  EXPECT_EQ(std::get<Identity>(Judge({"", "", ""})), Identity{});
  EXPECT_EQ(UserOf({"", "ann", ""}), "-") << "a name is a claim that must be proved";
  EXPECT_EQ(UserOf({"guess", "", ""}), "-");
}

TEST_F(LocalAuthenticatorTest, ACertificateDecidesWhereNothingElseIsShown) {
  authenticator_.AddCertificate("ops", true);
  authenticator_.AddPassword("ann", "secret", false);
  Credentials shown{.token = "",
                    .user = "",
                    .password = "",
                    .certificate_name = "ops",
                    .certificate_expires_at = kNow + seconds(60)};
  const auto ops = std::get<Identity>(Judge(shown));
  EXPECT_EQ(ops.user, "ops");
  EXPECT_TRUE(ops.admin);
  EXPECT_EQ(ops.expires_at, kNow + seconds(60));
  shown.certificate_name = "sensor";
  EXPECT_FALSE(std::get<Identity>(Judge(shown)).admin);
  shown.user = "ann", shown.password = "secret";
  EXPECT_EQ(UserOf(shown), "ann");
  shown.password = "guess";
  EXPECT_EQ(UserOf(shown), "-");
}

class WithIssuer : public LocalAuthenticatorTest {
 protected:
  WithIssuer() {
    JwkSet keys;
    EXPECT_TRUE(keys.AddJson("{\"keys\":[" + key_.Jwk("k") + "]}").ok());
    authenticator_.SetIssuer({.verifier = JwtVerifier(std::move(keys), {}), .admin_group = "ops"});
  }
  std::string Token(const std::string& claims) {
    return tests::MakeToken(R"({"alg":"HS256","kid":"k"})", claims, key_);
  }

  const tests::SigningKey key_ = tests::SigningKey::Secret("a secret of thirty-two letters!!");
};

TEST_F(WithIssuer, ATokenSaysWhoWhatAndHowLong) {
  const std::string token =
      Token(R"({"sub":"ann","exp":1700003660,"groups":["ops","chat"],"tenant":"acme"})");
  const auto identity = std::get<Identity>(Judge({token, "", ""}));
  EXPECT_EQ(identity.user, "ann");
  EXPECT_TRUE(identity.admin);
  EXPECT_EQ(identity.groups, (std::vector<std::string>{"ops", "chat"}));
  EXPECT_EQ(identity.claims.at("tenant"), "acme");
  EXPECT_EQ(identity.expires_at, kNow + seconds(60) + JwtSettings{}.leeway);
}

TEST_F(WithIssuer, WithoutTheGroupNobodyAdministrates) {
  const std::string token = Token(R"({"sub":"ann","exp":1700003660,"admin":true})");
  EXPECT_FALSE(std::get<Identity>(Judge({token, "", ""})).admin);
}

TEST_F(WithIssuer, TheBearerOfATokenIsKnownAsLongAsItsKeyCounts) {
  const std::string token =
      Token(R"({"sub":"ann","exp":1700003660,"groups":["ops","chat"],"tenant":"acme"})");
  const auto bearer = std::get<Identity>(Judge({token, "", ""}));
  EXPECT_EQ(authenticator_.Recall(bearer), bearer);
  const auto with = [this](const tests::SigningKey* other, JwtSettings settings) {
    JwkSet keys;
    const std::string text = other == nullptr ? key_.Jwk("renamed") : other->Jwk("k");
    EXPECT_TRUE(keys.AddJson("{\"keys\":[" + text + "]}").ok());
    auto users = std::make_unique<LocalAuthenticator>();
    users->SetIssuer(
        {.verifier = JwtVerifier(std::move(keys), std::move(settings)), .admin_group = "root"});
    return users;
  };
  const auto other_key = tests::SigningKey::Secret("another secret, thirty-two letters");
  EXPECT_FALSE(with(&other_key, {})->Recall(bearer)) << "its name alone is the same";
  EXPECT_FALSE(with(nullptr, {.issuer = "https://id"})->Recall(bearer));
  EXPECT_FALSE(with(nullptr, {.audience = "chat"})->Recall(bearer));
  EXPECT_FALSE(with(nullptr, {.groups_claim = "roles"})->Recall(bearer));
  EXPECT_FALSE(with(nullptr, {.exp_required = false})->Recall(bearer));
  EXPECT_FALSE(with(nullptr, {.leeway = seconds(0)})->Recall(bearer)) << "it ended too late";
  LocalAuthenticator without;
  without.AddToken("ann", token, false);
  EXPECT_FALSE(without.Recall(bearer)) << "who knows no issuer";

  const auto again = with(nullptr, {});
  again->SetGroups("ann", {"staff"});
  const auto recalled = again->Recall(bearer);
  ASSERT_TRUE(recalled);
  EXPECT_FALSE(recalled->admin) << "another group administrates";
  EXPECT_EQ(recalled->groups, (std::vector<std::string>{"ops", "chat", "staff"}));
  EXPECT_EQ(recalled->claims, bearer.claims);
  EXPECT_EQ(recalled->expires_at, bearer.expires_at);
  EXPECT_EQ(authenticator_.Recall(*recalled), bearer) << "and back: the first groups are its own";
}

TEST_F(LocalAuthenticatorTest, WhoeverCameInIsKnownAgainByWhatItHasShown) {
  const auto hash = base::PasswordHash::Of("miaow", kCheap);
  const auto fill = [&hash](LocalAuthenticator* users) {
    users->AddToken("robot", "t0ken", false);
    users->AddPassword("ann", "secret", true);
    users->AddPasswordHash("cat", *base::PasswordHash::Parse(hash.text()), false);
    users->AddCertificate("ops", true);
    users->SetGroups("ann", {"staff"});
  };
  fill(&authenticator_);
  LocalAuthenticator same, others;
  fill(&same);
  others.AddToken("robot", "another", false);
  others.AddToken("ann", "secret", true);
  others.AddPasswordHash("cat", base::PasswordHash::Of("miaow", kCheap), false);
  others.SetGroups("ops", {"night"});
  const Credentials kShown[] = {
      {"t0ken", "", ""}, {"", "ann", "secret"}, {"", "cat", "miaow"}, {"", "", "", "ops"}};
  for (const Credentials& shown : kShown) {
    const auto identity = std::get<Identity>(Judge(shown));
    EXPECT_NE(identity.proof, 0U);
    EXPECT_EQ(same.Recall(identity), identity) << identity.user;
    const bool by_certificate = !shown.certificate_name.empty();
    EXPECT_EQ(others.Recall(identity).has_value(), by_certificate) << identity.user;
  }
  // Whose certificate is good comes in whatever is said of it; what is said are its rights.
  auto ops = std::get<Identity>(Judge({"", "", "", "ops"}));
  ASSERT_TRUE(others.Recall(ops));
  EXPECT_EQ(others.Recall(ops)->groups, std::vector<std::string>{"night"});
  EXPECT_FALSE(others.Recall(ops)->admin);
  ops.user = "eve";
  EXPECT_FALSE(same.Recall(ops)) << "the proof is its name";
}

TEST_F(LocalAuthenticatorTest, WhoHasProvedNothingIsWhoComesInNowWithoutProof) {
  const Identity anybody{.admin = true}, named{.user = "ann", .admin = true};
  EXPECT_EQ(authenticator_.Recall(Identity{}), anybody);
  EXPECT_EQ(authenticator_.Recall(named), named);
  authenticator_.AllowAnonymous();
  EXPECT_EQ(authenticator_.Recall(anybody), Identity{});
  EXPECT_FALSE(authenticator_.Recall(named)) << "a name is a claim that must be proved";
  LocalAuthenticator closed;
  closed.AddToken("ann", "t", true);
  EXPECT_FALSE(closed.Recall(anybody));
  EXPECT_FALSE(closed.Recall(named));
}

TEST_F(WithIssuer, OneThatHasExpiredIsToldSo) {
  const std::string old_token = Token(R"({"sub":"ann","exp":1700003000})");
  EXPECT_EQ(std::get<AuthRefusal>(Judge({old_token, "", ""})).code, CloseCode::kCredentialsExpired);
  const auto forged = std::get<AuthRefusal>(Judge({old_token + "A", "", ""}));
  EXPECT_EQ(forged.code, CloseCode::kNotAuthenticated);
  EXPECT_NE(forged.detail, "");
  EXPECT_EQ(forged.detail.find(old_token), std::string::npos);
}

TEST_F(WithIssuer, TokensOfTheConfigurationCountToo) {
  authenticator_.AddToken("robot", "t0ken", false);
  EXPECT_EQ(UserOf({"t0ken", "", ""}), "robot");
}

TEST_F(LocalAuthenticatorTest, WhatIsKnownOfAUserWithoutItsCredentials) {
  EXPECT_TRUE(authenticator_.Describe("anybody").admin) << "nothing is configured";
  authenticator_.AddToken("ann", "t", false);
  authenticator_.AddPassword("bob", "p", true);
  authenticator_.AddPasswordHash("cat", base::PasswordHash::Of("miaow", kCheap), true);
  authenticator_.SetGroups("ann", {"staff"});
  EXPECT_EQ(authenticator_.Describe("ann"), (Identity{.user = "ann", .groups = {"staff"}}));
  EXPECT_TRUE(authenticator_.Describe("bob").admin);
  EXPECT_TRUE(authenticator_.Describe("cat").admin);
  EXPECT_EQ(authenticator_.Describe("dan"), Identity{.user = "dan"});
}

TEST_F(LocalAuthenticatorTest, HashesAreComputedOnThePoolAndAnsweredOnTheLoop) {
  authenticator_.AddPasswordHash("cat", base::PasswordHash::Of("miaow", kCheap), true);
  base::WorkPool pool(1, 1);
  std::promise<void> started, go;
  base::Task blocking = [&] {
    started.set_value();
    go.get_future().wait();
  };
  ASSERT_TRUE(pool.TryRun(&blocking));
  started.get_future().wait();
  std::optional<AuthVerdict> first, second;
  const AuthPlace place{.loop = &loop_, .pool = &pool};
  authenticator_.Authenticate({"", "cat", "miaow"}, place,
                              [&](AuthVerdict verdict) { first = std::move(verdict); });
  EXPECT_FALSE(first);
  authenticator_.Authenticate({"", "cat", "miaow"}, place,
                              [&](AuthVerdict verdict) { second = std::move(verdict); });
  ASSERT_TRUE(second) << "the queue is full: told at once";
  EXPECT_EQ(std::get<AuthRefusal>(*second).code, CloseCode::kAuthenticationBusy);
  go.set_value();
  std::promise<void> done;
  base::Task last = [&] { done.set_value(); };
  while (!pool.TryRun(&last)) std::this_thread::yield();
  done.get_future().wait();
  EXPECT_FALSE(first) << "not on the pool's thread";
  loop_.RunUntilIdle();
  ASSERT_TRUE(first);
  EXPECT_EQ(std::get<Identity>(*first).user, "cat");
  EXPECT_TRUE(std::get<Identity>(*first).admin);
}

}  // namespace
}  // namespace esockets::broker
