#include "base/utf8.h"

#include <random>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "tests/support/naive_topic.h"

namespace esockets::base {
namespace {

using namespace std::string_view_literals;

struct Utf8Case {
  std::string_view what;
  std::string_view text;
  bool valid;
};

constexpr Utf8Case kCases[] = {
    {"empty", "", true},
    {"ASCII", "room/42/chat", true},
    {"NUL", "a\0b"sv, true},
    {"DEL", "\x7F", true},
    {"U+0080, the first of two bytes", "\xC2\x80", true},
    {"U+07FF, the last of two bytes", "\xDF\xBF", true},
    {"U+0800, the first of three bytes", "\xE0\xA0\x80", true},
    {"U+D7FF, before the surrogates", "\xED\x9F\xBF", true},
    {"U+E000, after the surrogates", "\xEE\x80\x80", true},
    {"U+FFFF, the last of three bytes", "\xEF\xBF\xBF", true},
    {"U+10000, the first of four bytes", "\xF0\x90\x80\x80", true},
    {"U+10FFFF, the last of all", "\xF4\x8F\xBF\xBF", true},
    {"after eight bytes of ASCII", "12345678\xC3\xA4", true},
    {"across the first eight bytes", "1234567\xC3\xA4", true},

    {"tail without a lead", "\x80", false},
    {"overlong NUL", "\xC0\x80", false},
    {"overlong slash", "\xC0\xAF", false},
    {"overlong of two bytes, the highest", "\xC1\xBF", false},
    {"overlong of three bytes", "\xE0\x80\xAF", false},
    {"overlong of three bytes, the highest", "\xE0\x9F\xBF", false},
    {"overlong of four bytes", "\xF0\x80\x80\xAF", false},
    {"overlong of four bytes, the highest", "\xF0\x8F\xBF\xBF", false},
    {"U+D800, the first surrogate", "\xED\xA0\x80", false},
    {"U+DFFF, the last surrogate", "\xED\xBF\xBF", false},
    {"surrogate pair, CESU-8", "\xED\xA0\xBD\xED\xB8\x80", false},
    {"U+110000", "\xF4\x90\x80\x80", false},
    {"lead F5", "\xF5\x80\x80\x80", false},
    {"lead FF", "\xFF", false},
    {"cut short, two bytes", "\xC3", false},
    {"cut short, three bytes", "\xE2\x82", false},
    {"cut short, four bytes", "\xF0\x9F\x98", false},
    {"second byte is ASCII", "\xC3(", false},
    {"third byte is ASCII", "\xE2\x82(", false},
    {"fourth byte is a lead", "\xF0\x9F\x98\xC3", false},
    {"bad in the eighth byte", "1234567\x80", false},
    {"bad after eight bytes", "12345678\xFF", false},
};

TEST(Utf8, Cases) {
  for (const Utf8Case& c : kCases) {
    SCOPED_TRACE(c.what);
    EXPECT_EQ(IsValidUtf8(c.text), c.valid);
    EXPECT_EQ(tests::NaiveIsValidUtf8(c.text), c.valid);
  }
}

TEST(Utf8, AgreesWithTheNaiveDecoderOnAllOfTwoBytes) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text{static_cast<char>(first), static_cast<char>(second)};
      ASSERT_EQ(IsValidUtf8(text), tests::NaiveIsValidUtf8(text)) << first << " " << second;
    }
  }
}

TEST(Utf8, AgreesWithTheNaiveDecoderOnRandomBytes) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  constexpr std::string_view kBytes =
      "a/\x80\x8F\x90\x9F\xA0\xBF\xC1\xC2\xE0\xE1\xED\xF0\xF4\xF5"sv;
  for (int round = 0; round < 200000; ++round) {
    std::string text(random() % 12, 'x');
    const size_t from = text.empty() ? 0 : random() % text.size();
    for (size_t i = from; i < text.size(); ++i) text[i] = kBytes[random() % kBytes.size()];
    ASSERT_EQ(IsValidUtf8(text), tests::NaiveIsValidUtf8(text)) << testing::PrintToString(text);
  }
}

TEST(Utf8, CutsBetweenCharacters) {
  const std::string_view text = "a\u00e9\u20ac\U0001F600";  // of 1, 2, 3 and 4 bytes
  const size_t sizes[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
  for (size_t bytes_max = 0; bytes_max < std::size(sizes); ++bytes_max) {
    EXPECT_EQ(CutUtf8(text, bytes_max), text.substr(0, sizes[bytes_max])) << bytes_max;
  }
}

}  // namespace
}  // namespace esockets::base
