#include "server/websocket/close_status.h"

#include <string>
#include <string_view>

#include "base/utf8.h"
#include "gtest/gtest.h"
#include "tests/support/websocket_wire.h"

namespace esockets::websocket {
namespace {

using namespace std::string_view_literals;
using tests::CloseWith;

// RFC 6455, section 7.4.1 and 7.4.2, and the registry of section 11.7. Ranges, of all numbers.
bool IsOfTheTable(int status) {
  constexpr struct {
    int first, last;
  } kRanges[] = {{1000, 1003}, {1007, 1014}, {3000, 3999}, {4000, 4999}};
  for (const auto& range : kRanges) {
    if (status >= range.first && status <= range.last) return true;
  }
  return false;
}

TEST(CloseStatus, WhichMayBeSent) {
  for (int status = 0; status <= 0xFFFF; ++status) {
    ASSERT_EQ(MayBeSent(static_cast<uint16_t>(status)), IsOfTheTable(status)) << status;
  }
}

// Section 5.5.1: each status comes back as it is, or the Close is a mistake.
TEST(CloseStatus, EveryStatusIsReadOrRefused) {
  for (int number = 0; number <= 0xFFFF; ++number) {
    const auto status = static_cast<uint16_t>(number);
    std::string_view mistake;
    const CloseReason reason = ParseClose(CloseWith(status, "why"), &mistake);
    ASSERT_EQ(mistake.empty(), IsOfTheTable(number)) << number;
    ASSERT_EQ(reason.status, mistake.empty() ? status : kProtocolError);
    ASSERT_EQ(reason.text, mistake.empty() ? "why" : "");
  }
}

// Section 5.5.1 and 7.1.5, and section 8.1 of the text.
TEST(CloseStatus, PayloadsOfAClose) {
  const struct {
    std::string_view what;
    std::string payload;
    uint16_t status;
    bool mistake;
  } cases[] = {
      {"empty", "", kNoStatus, false},
      {"one byte", "\x03", kProtocolError, true},
      {"a status alone", CloseWith(1000), 1000, false},
      {"a text", CloseWith(1001, "gr\u00fc\u00dfe"), 1001, false},
      {"a text with NUL", CloseWith(4000, "\0"sv), 4000, false},
      {"as long as it may be", CloseWith(1000, std::string(123, 'x')), 1000, false},
      {"invalid UTF-8", CloseWith(1000, "\xC0\xAF"), kInvalidPayload, true},
      {"a character cut short", CloseWith(1000, "x\xE2\x82"), kInvalidPayload, true},
      {"a status that says there is none", CloseWith(1005), kProtocolError, true},
  };
  for (const auto& c : cases) {
    std::string_view mistake;
    EXPECT_EQ(ParseClose(c.payload, &mistake).status, c.status) << c.what;
    EXPECT_EQ(!mistake.empty(), c.mistake) << c.what << ": " << mistake;
  }
}

// Section 5.5: 125 bytes, status and all; and a character is not cut in two.
TEST(CloseStatus, WhatIsSentFitsIntoAControlFrame) {
  EXPECT_EQ(ClosePayload(kNoStatus, ""), "");
  EXPECT_EQ(ClosePayload(kGoingAway, ""), "\x03\xE9");
  EXPECT_EQ(ClosePayload(4999, "x"), "\x13\x87x");
  for (size_t size = 0; size < 200; ++size) {
    std::string text(size, 'x');
    text += "\u20ac";
    const std::string payload = ClosePayload(1000, text);
    ASSERT_LE(payload.size(), 125u);
    ASSERT_GE(payload.size(), std::min<size_t>(2 + text.size(), 123));
    ASSERT_TRUE(base::IsValidUtf8(std::string_view(payload).substr(2)));
    ASSERT_TRUE(text.starts_with(payload.substr(2)));
  }
}

}  // namespace
}  // namespace esockets::websocket
