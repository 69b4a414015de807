#include "broker/auth/base64url.h"

#include "gtest/gtest.h"
#include "tests/support/jwt_maker.h"

namespace esockets::broker {
namespace {

using namespace std::string_view_literals;

TEST(Base64Url, DecodesWhatRfc4648Shows) {
  const struct {
    std::string_view text, bytes;
  } kCases[] = {
      // Section 10, less the padding.
      {"", ""},
      {"Zg", "f"},
      {"Zm8", "fo"},
      {"Zm9v", "foo"},
      {"Zm9vYg", "foob"},
      {"Zm9vYmE", "fooba"},
      {"Zm9vYmFy", "foobar"},
      // The last two characters of the alphabet, and bytes of any kind.
      {"-_-_", "\xFB\xFF\xBF"},
      {"_w", "\xFF"},
      {"AAAA", "\0\0\0"sv},
      {"AA", "\0"sv},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(DecodeBase64Url(c.text), c.bytes);
  }
}

TEST(Base64Url, RefusesWhatNoEncoderWrites) {
  const struct {
    const char* what;
    std::string_view text;
  } kCases[] = {
      {"one character", "Z"},
      {"five characters", "Zm9vZ"},
      {"one character of no bits", "A"},
      {"a fifth character of no bits", "Zm9vA"},
      {"padding", "Zg=="},
      {"padding of one", "Zm8="},
      {"padding alone", "===="},
      {"the other alphabet's plus", "+_-_"},
      {"the other alphabet's slash", "-/-_"},
      {"a space", "Zm9 "},
      {"a line feed at the end", "Zm9v\n"},
      {"a line feed between", "Zm\n9"},
      {"NUL", "Zm9\0"sv},
      {"a byte above ASCII", "Zm9\xC3"},
      {"a point", "Zm.9"},
      {"bits behind one byte", "Zh"},
      {"the lowest bit behind one byte", "AB"},
      {"bits behind two bytes", "Zm9"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    EXPECT_EQ(DecodeBase64Url(c.text), std::nullopt);
  }
}

TEST(Base64Url, EveryByteComesBackAtEveryPlace) {
  for (int byte = 0; byte < 256; ++byte) {
    for (size_t before = 0; before < 3; ++before) {
      const std::string bytes = std::string(before, 'x') + static_cast<char>(byte);
      EXPECT_EQ(DecodeBase64Url(tests::EncodeBase64Url(bytes)), bytes) << byte << " " << before;
    }
  }
}

}  // namespace
}  // namespace esockets::broker
