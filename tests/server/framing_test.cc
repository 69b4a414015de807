#include "server/framing.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::server {
namespace {

using std::string_literals::operator""s;

constexpr size_t kMax = 8;

TEST(Framing, CutsTheFirstMessage) {
  const struct {
    Framing framing;
    std::string bytes;
    CutStatus status;
    std::string message;
    size_t consumed;
  } kCases[] = {
      {Framing::kRaw, "", CutStatus::kIncomplete, "", 0},
      {Framing::kRaw, "any length at all", CutStatus::kMessage, "any length at all", 17},
      {Framing::kLengthDelimited, "\0\0\0"s, CutStatus::kIncomplete, "", 0},
      {Framing::kLengthDelimited,
       "\0\0\0\x03"
       "ab"s,
       CutStatus::kIncomplete, "", 0},
      {Framing::kLengthDelimited,
       "\0\0\0\x03"
       "abcd"s,
       CutStatus::kMessage, "abc", 7},
      {Framing::kLengthDelimited, "\0\0\0\0x"s, CutStatus::kMessage, "", 4},
      {Framing::kLengthDelimited,
       "\0\0\0\x08"
       "12345678"s,
       CutStatus::kMessage, "12345678", 12},
      {Framing::kLengthDelimited, "\0\0\0\x09"s, CutStatus::kTooLong, "", 0},
      {Framing::kLengthDelimited, "\xff\xff\xff\xff"s, CutStatus::kTooLong, "", 0},
      {Framing::kLengthDelimited, "\x80\0\0\0"s, CutStatus::kTooLong, "", 0},
      {Framing::kLine, "abc", CutStatus::kIncomplete, "", 0},
      {Framing::kLine, "abc\ndef\n", CutStatus::kMessage, "abc", 4},
      {Framing::kLine, "abc\r\n", CutStatus::kMessage, "abc", 5},
      {Framing::kLine, "\n", CutStatus::kMessage, "", 1},
      {Framing::kLine, "\r\n", CutStatus::kMessage, "", 2},
      {Framing::kLine, "12345678\n", CutStatus::kMessage, "12345678", 9},
      {Framing::kLine, "12345678\r\n", CutStatus::kMessage, "12345678", 10},
      {Framing::kLine, "12345678\r", CutStatus::kIncomplete, "", 0},
      {Framing::kLine, "123456789\n", CutStatus::kTooLong, "", 0},
      {Framing::kLine, "1234567890", CutStatus::kTooLong, "", 0},
  };
  for (const auto& c : kCases) {
    const Cut cut = CutMessage(c.framing, c.bytes, kMax);
    EXPECT_EQ(cut.status, c.status) << testing::PrintToString(c.bytes);
    EXPECT_EQ(cut.message, c.message) << testing::PrintToString(c.bytes);
    EXPECT_EQ(cut.consumed_bytes, c.consumed) << testing::PrintToString(c.bytes);
  }
}

TEST(Framing, CutsWhatItWrites) {
  for (const Framing framing : {Framing::kRaw, Framing::kLengthDelimited, Framing::kLine}) {
    for (const std::string& message : {"a"s, "1234567"s, std::string(300, 'x')}) {
      std::string wire(FramedBytes(framing, message), '?');
      WriteFramed(framing, message, wire.data());
      const Cut cut = CutMessage(framing, wire, 1000);
      EXPECT_EQ(cut.status, CutStatus::kMessage);
      EXPECT_EQ(cut.message, message);
      EXPECT_EQ(cut.consumed_bytes, wire.size());
    }
  }
}

}  // namespace
}  // namespace esockets::server
