#include "broker/auth/ticket_keys.h"

#include <cstdint>
#include <string>

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

const std::string kA(64, 'a'), kB(64, 'b');

TicketKeys Keys(const std::string& text) {
  auto keys = TicketKeys::Parse(text);
  EXPECT_TRUE(keys.ok()) << keys.status();
  return *std::move(keys);
}

// RFC 4231 has no key of 32 bytes: this one was computed with `openssl dgst -sha256 -mac HMAC`.
TEST(TicketKeys, SignsWithHmacSha256) {
  const std::string signature = Keys(kA).Sign("hi");
  ASSERT_EQ(signature.size(), TicketKeys::kSignatureBytes);
  EXPECT_EQ(static_cast<unsigned char>(signature[0]), 0x22);
  EXPECT_EQ(static_cast<unsigned char>(signature[31]), 0x6a);
}

TEST(TicketKeys, TakesWhatOneOfThemHasSigned) {
  const TicketKeys both = Keys(kA + "\n# a comment\n\n " + kB + " \r\n");
  EXPECT_EQ(both.SignerOf("text", both.Sign("text")), 0U);
  EXPECT_EQ(both.Sign("text"), Keys(kA).Sign("text")) << "the first signs";
  EXPECT_EQ(both.SignerOf("text", Keys(kB).Sign("text")), 1U);
  EXPECT_FALSE(Keys(kB).SignerOf("text", both.Sign("text")));
  EXPECT_FALSE(both.SignerOf("texT", both.Sign("text")));
  EXPECT_FALSE(both.SignerOf("text", ""));
  EXPECT_FALSE(both.SignerOf("text", both.Sign("text") + "x"));
}

TEST(TicketKeys, HidesANumberFromWhoHasNotGotTheKey) {
  const TicketKeys both = Keys(kA + "\n" + kB);
  const uint64_t hidden = both.Hide(7, 1);
  EXPECT_NE(hidden, 7U);
  EXPECT_NE(hidden, both.Hide(7, 2));
  EXPECT_NE(hidden, both.Hide(7, 1, 1));
  EXPECT_EQ(both.Hide(hidden, 1), 7U);
  EXPECT_EQ(Keys(kB).Hide(both.Hide(7, 1, 1), 1), 7U);
}

TEST(TicketKeys, EachNewOneIsAnother) {
  const std::string line = TicketKeys::NewLine();
  EXPECT_NE(line, TicketKeys::NewLine());
  const TicketKeys of_line = Keys(line);
  EXPECT_TRUE(of_line.SignerOf("text", of_line.Sign("text")));
  EXPECT_NE(TicketKeys::Random().Sign("text"), TicketKeys::Random().Sign("text"));
}

TEST(TicketKeys, MistakesSayWhereAndNothingOfAKey) {
  const auto mistake = [](const std::string& text) {
    return std::string{TicketKeys::Parse(text).status().message()};
  };
  EXPECT_EQ(mistake(""), "line 1: no key, and none before");
  EXPECT_EQ(mistake(kA + "\nsecret\n"), "line 2: must be 64 hexadecimal digits");
  EXPECT_EQ(mistake(std::string(64, 'g')), "line 1: must be 64 hexadecimal digits");
  EXPECT_EQ(mistake(kA + "\n" + kA + "\n" + kA + "\n" + kA + "\n" + kA),
            "line 5: one key too many, at most 4 are taken");
}

}  // namespace
}  // namespace esockets::broker
