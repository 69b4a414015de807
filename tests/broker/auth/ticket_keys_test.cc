#include "broker/auth/ticket_keys.h"

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
  EXPECT_TRUE(both.Verify("text", both.Sign("text")));
  EXPECT_EQ(both.Sign("text"), Keys(kA).Sign("text")) << "the first signs";
  EXPECT_TRUE(both.Verify("text", Keys(kB).Sign("text")));
  EXPECT_FALSE(Keys(kB).Verify("text", both.Sign("text")));
  EXPECT_FALSE(both.Verify("texT", both.Sign("text")));
  EXPECT_FALSE(both.Verify("text", ""));
  EXPECT_FALSE(both.Verify("text", both.Sign("text") + "x"));
}

TEST(TicketKeys, EachNewOneIsAnother) {
  const std::string line = TicketKeys::NewLine();
  EXPECT_NE(line, TicketKeys::NewLine());
  const TicketKeys of_line = Keys(line);
  EXPECT_TRUE(of_line.Verify("text", of_line.Sign("text")));
  EXPECT_NE(TicketKeys::Random().Sign("text"), TicketKeys::Random().Sign("text"));
}

TEST(TicketKeys, MistakesSayWhereAndNothingOfAKey) {
  const auto mistake = [](const std::string& text) {
    return std::string(TicketKeys::Parse(text).status().message());
  };
  EXPECT_EQ(mistake(""), "line 1: no key, and none before");
  EXPECT_EQ(mistake(kA + "\nsecret\n"), "line 2: must be 64 hexadecimal digits");
  EXPECT_EQ(mistake(std::string(64, 'g')), "line 1: must be 64 hexadecimal digits");
  EXPECT_EQ(mistake(kA + "\n" + kA + "\n" + kA + "\n" + kA + "\n" + kA),
            "line 5: one key too many, at most 4 are taken");
}

}  // namespace
}  // namespace esockets::broker
