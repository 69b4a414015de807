#include "broker/local_authenticator.h"

#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <utility>
#include <variant>

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
  EXPECT_EQ(std::get<Identity>(Judge(shown)),
            (Identity{.user = "ops", .admin = true, .expires_at = kNow + seconds(60)}));
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

TEST_F(WithIssuer, ATicketForItsHolderCountsAsLongAsTheIssuer) {
  const Identity holder{.user = "ann", .groups = {"staff"}, .claims = {{"sub", "ann"}}};
  const uint64_t stamp = authenticator_.StampOf(holder);
  ASSERT_NE(stamp, 0U);
  EXPECT_EQ(authenticator_.Recall(holder, stamp), holder) << "as the token said";
  EXPECT_FALSE(authenticator_.Recall(holder, stamp + 1));
  LocalAuthenticator without;
  without.AddToken("ann", "t", false);
  EXPECT_EQ(without.StampOf(holder), 0U);
  EXPECT_FALSE(without.Recall(holder, stamp));
}

TEST_F(LocalAuthenticatorTest, AStampChangesWithTheCredentials) {
  LocalAuthenticator users;
  users.AddPassword("ann", "secret", true);
  users.AddPasswordHash("bob", base::PasswordHash::Of("secret", {.memory_kib = 8 << 10}), false);
  users.AddCertificate("carol", false);
  const uint64_t ann = users.StampOf({.user = "ann"}), bob = users.StampOf({.user = "bob"});
  EXPECT_NE(ann, 0U);
  EXPECT_NE(bob, 0U);
  EXPECT_EQ(users.StampOf({.user = "carol"}), 0U) << "shows its certificate in any case";
  EXPECT_EQ(users.StampOf({.user = "nobody"}), 0U);
  EXPECT_TRUE(users.Recall({.user = "ann"}, ann)->admin) << "as it is described now";
  EXPECT_FALSE(users.Recall({.user = "ann"}, bob));
  EXPECT_FALSE(users.Recall({.user = "nobody"}, 0));
  users.AddToken("ann", "another way in", false);
  EXPECT_NE(users.StampOf({.user = "ann"}), ann);
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
  EXPECT_EQ(std::get<Identity>(*first), (Identity{.user = "cat", .admin = true}));
}

}  // namespace
}  // namespace esockets::broker
