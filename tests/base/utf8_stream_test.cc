#include "base/utf8_stream.h"

#include <random>
#include <string>
#include <string_view>

#include "base/utf8.h"
#include "gtest/gtest.h"

namespace esockets::base {
namespace {

using namespace std::string_view_literals;

// Every first byte, and every bound of a second one.
constexpr auto kBytes =
    "a\x7F\x80\x8F\x90\x9F\xA0\xBF\xC0\xC1\xC2\xDF\xE0\xE1\xEC\xED\xEE\xEF\xF0\xF1\xF3\xF4\xF5\xFF"sv;

// Can more bytes make a valid text of it?
bool IsBeginning(const std::string& text, int more = 3) {
  if (IsValidUtf8(text)) return true;
  if (more == 0) return false;
  for (const char byte : "\x80\x90\xA0\xBF"sv) {
    if (IsBeginning(text + byte, more - 1)) return true;
  }
  return false;
}

// Bytes that are taken before the first that is refused.
size_t Taken(std::string_view text) {
  Utf8Stream stream;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!stream.Put(text.substr(i, 1))) return i;
  }
  return text.size();
}

// RFC 3629, section 4.
TEST(Utf8Stream, AMistakeIsFoundWithTheByteThatMakesIt) {
  const struct {
    std::string_view what;
    std::string_view text;
    size_t taken;
  } cases[] = {
      {"nothing", "", 0},
      {"NUL", "\0"sv, 1},
      {"all lengths", "a\u00e9\u20ac\U0001F600z", 11},
      {"a tail without a lead", "ab\x80", 2},
      {"an overlong slash", "\xC0\xAF", 0},
      {"an overlong form of three bytes", "\xE0\x9F\xBF", 1},
      {"a surrogate", "x\xED\xA0\x80", 2},
      {"an overlong form of four bytes", "\xF0\x8F\xBF\xBF", 1},
      {"U+110000", "\xF4\x90\x80\x80", 1},
      {"a lead inside a character", "\xF0\x9F\x98\xC3", 3},
      {"ASCII inside a character", "\xE2\x82(", 2},
      {"the lead F5", "\xF5", 0},
      {"the narrow bound holds for one byte alone",
       "\xE0\xA0\x80\xE1\x80\x80\xED\x9F\xBF\xEE\xBF\xBF", 12},
  };
  for (const auto& c : cases) EXPECT_EQ(Taken(c.text), c.taken) << c.what;
}

TEST(Utf8Stream, EveryBeginningOfFourBytesIsJudgedAtOnce) {
  for (const char a : kBytes) {
    for (const char b : kBytes) {
      for (const char c : kBytes) {
        const std::string text{a, b, c, '\xBF'};
        size_t expected = 0;
        while (expected < text.size() && IsBeginning(text.substr(0, expected + 1))) ++expected;
        ASSERT_EQ(Taken(text), expected) << testing::PrintToString(text);
      }
    }
  }
}

TEST(Utf8Stream, HowATextIsCutMakesNoDifference) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  constexpr std::string_view kParts[] = {"a",      "0123456789", "\u00e9",
                                         "\u20ac", "\U0001F600", "\x80"};
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (size_t parts = random() % 8; parts > 0; --parts) text += kParts[random() % 6];
    if (!text.empty() && random() % 3 == 0) text.pop_back();
    Utf8Stream stream;
    bool valid = true;
    for (size_t at = 0; valid && at < text.size();) {
      const size_t piece = random() % 6;
      valid = stream.Put(std::string_view(text).substr(at, piece));
      at += piece;
    }
    ASSERT_EQ(valid && stream.complete(), IsValidUtf8(text)) << testing::PrintToString(text);
  }
}

TEST(Utf8Stream, ItEndsBetweenCharactersAlone) {
  Utf8Stream stream;
  EXPECT_TRUE(stream.complete());
  for (const bool whole : {false, false, false, true}) {
    static constexpr std::string_view kFour = "\U0001F600";
    static size_t at = 0;
    EXPECT_TRUE(stream.Put(kFour.substr(at++, 1)));
    EXPECT_EQ(stream.complete(), whole);
  }
  EXPECT_TRUE(stream.Put(""));
  EXPECT_TRUE(stream.complete());
}

}  // namespace
}  // namespace esockets::base
