#include "broker/authenticator.h"

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

TEST(Authenticator, WithoutEntriesEverybodyComesInAsAdministrator) {
  const Authenticator authenticator;
  EXPECT_TRUE(authenticator.open());
  const auto identity = authenticator.Authenticate({.token = "", .user = "ann", .password = ""});
  ASSERT_TRUE(identity.has_value());
  EXPECT_EQ(identity->user, "ann");
  EXPECT_TRUE(identity->admin);
}

class WithUsers : public testing::Test {
 protected:
  WithUsers() {
    authenticator_.AddToken("robot", "t0ken", false);
    authenticator_.AddPassword("ann", "secret", true);
    authenticator_.AddPassword("bob", "secret", false);
  }
  Authenticator authenticator_;
};

TEST_F(WithUsers, OnlyTheRightCredentialsFit) {
  const struct {
    const char* what;
    Credentials credentials;
    const char* user;  // null: refused
  } kCases[] = {
      {"nothing", {"", "", ""}, nullptr},
      {"the token", {"t0ken", "", ""}, "robot"},
      {"the token with another user's name", {"t0ken", "ann", ""}, "robot"},
      {"a wrong token", {"t0ke", "", ""}, nullptr},
      {"a wrong token with a right password: the token decides", {"x", "ann", "secret"}, nullptr},
      {"a password as token", {"secret", "", ""}, nullptr},
      {"user and password", {"", "ann", "secret"}, "ann"},
      {"the same password of another user", {"", "bob", "secret"}, "bob"},
      {"a wrong password", {"", "ann", "Secret"}, nullptr},
      {"a password without its user", {"", "", "secret"}, nullptr},
      {"an unknown user", {"", "eve", "secret"}, nullptr},
      {"the token's user without a password", {"", "robot", ""}, nullptr},
      {"the token as password", {"", "robot", "t0ken"}, nullptr},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    const auto identity = authenticator_.Authenticate(c.credentials);
    ASSERT_EQ(identity.has_value(), c.user != nullptr);
    if (c.user != nullptr) {
      EXPECT_EQ(identity->user, c.user);
    }
  }
}

TEST_F(WithUsers, TheRightToAdministrateIsTheEntrys) {
  EXPECT_TRUE(authenticator_.Authenticate({"", "ann", "secret"})->admin);
  EXPECT_FALSE(authenticator_.Authenticate({"", "bob", "secret"})->admin);
  EXPECT_FALSE(authenticator_.Authenticate({"t0ken", "", ""})->admin);
}

}  // namespace
}  // namespace esockets::broker
