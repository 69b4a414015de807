#include "base/password_hash.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace esockets::base {
namespace {

// The least that is taken: tests need not be dear to guess.
constexpr PasswordCost kCheap{.memory_kib = 8192, .passes = 1, .lanes = 1};

TEST(PasswordHash, TheRightPasswordMatchesAlone) {
  const PasswordHash hash = PasswordHash::Of("secret", kCheap);
  EXPECT_TRUE(hash.Matches("secret"));
  for (const std::string_view wrong : {"", "Secret", "secret ", "secre"}) {
    EXPECT_FALSE(hash.Matches(wrong)) << wrong;
  }
  EXPECT_NE(PasswordHash::Of("secret", kCheap).text(), hash.text()) << "each has a salt of its own";
}

TEST(PasswordHash, IsKeptAsText) {
  const PasswordHash hash = PasswordHash::Of("\xF0\x9F\x94\x91 and more", kCheap);
  EXPECT_TRUE(hash.text().starts_with("$argon2id$v=19$m=8192,t=1,p=1$"));
  const auto parsed = PasswordHash::Parse(hash.text());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_TRUE(parsed->Matches("\xF0\x9F\x94\x91 and more"));
}

// Made by the argon2 command of Debian: echo -n secret | argon2 somesaltsomesalt -id -m 13 -t 2 -e
TEST(PasswordHash, OthersTextsAreUnderstood) {
  const auto parsed = PasswordHash::Parse(
      "$argon2id$v=19$m=8192,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
      "GnaCTiV7tTUvdZiDh9vaEIi43kDv7OkW5YMpYosSP98");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_TRUE(parsed->Matches("secret"));
  EXPECT_FALSE(parsed->Matches("Secret"));
}

TEST(PasswordHash, WhatIsNoneIsRefusedWithoutBeingRepeated) {
  const std::string good = PasswordHash::Of("secret", kCheap).text();
  const struct {
    std::string text;
    std::string_view why;
  } kCases[] = {
      {"", "is not one of argon2id"},
      {"secret", "is not one of argon2id"},
      {"$argon2i$v=19$m=8192,t=1,p=1$c2FsdHNhbHQ$aGFzaA", "is not one of argon2id"},
      {"$argon2id$v=16$m=8192,t=1,p=1$c2FsdHNhbHQ$aGFzaA", "is not one of argon2id"},
      {"$argon2id$v=19$m=8192,t=1$c2FsdHNhbHQ$aGFzaA", "does not say its cost"},
      {"$argon2id$v=19$t=1,m=8192,p=1$c2FsdHNhbHQ$aGFzaA", "does not say its cost"},
      {"$argon2id$v=19$m=99999999999,t=1,p=1$c2FsdHNhbHQ$aGFzaA", "does not say its cost"},
      {"$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA", "has a cost"},
      {"$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHQ$aGFzaA", "has a cost"},
      {"$argon2id$v=19$m=8192,t=100,p=1$c2FsdHNhbHQ$aGFzaA", "has a cost"},
      {"$argon2id$v=19$m=8192,t=1,p=100$c2FsdHNhbHQ$aGFzaA", "has a cost"},
      {"$argon2id$v=19$m=8192,t=1,p=1$", "cannot be decoded"},
      {"$argon2id$v=19$m=8192,t=1,p=1$????$????", "cannot be decoded"},
      {good + "\n", "cannot be decoded"},
      {good.substr(0, good.rfind('$')), "cannot be decoded"},
      {good.substr(0, good.rfind('$') + 5), "cannot be decoded"},
      {good + "$x", "cannot be decoded"},
      {good + std::string(1000, 'A'), "is too long"},
  };
  for (const auto& test : kCases) {
    const auto parsed = PasswordHash::Parse(test.text);
    ASSERT_FALSE(parsed.ok()) << test.text;
    const std::string message(parsed.status().message());
    EXPECT_NE(message.find(test.why), std::string::npos) << message;
    EXPECT_EQ(message.find("c2Fsd"), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace esockets::base
