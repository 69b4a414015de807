#include "broker/auth/ed25519_point.h"

#include <string>

#include "broker/auth/base64url.h"
#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

// Of a y below 256, and the rest of the bytes.
std::string Point(int low, char middle = 0, char high = 0) {
  std::string bytes(32, middle);
  bytes.front() = static_cast<char>(low);
  bytes.back() = high;
  return bytes;
}

TEST(Ed25519Point, KeysArePoints) {
  const struct {
    const char* what;
    std::string bytes;
  } kCases[] = {
      // RFC 8037 appendix A.2, and RFC 8032 section 7.1 TEST 2.
      {"RFC 8037", *DecodeBase64Url("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")},
      {"RFC 8032", *DecodeBase64Url("PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw")},
      // y is 4/5.
      {"the base point", Point(0x58, 0x66, 0x66)},
      {"the base point with the other sign", Point(0x58, 0x66, '\xE6')},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    EXPECT_TRUE(IsEd25519PublicKey(c.bytes));
  }
}

TEST(Ed25519Point, HalfOfTheSmallNumbersAreNotOnTheCurve) {
  int points = 0;
  for (int y = 2; y < 256; ++y) points += IsEd25519PublicKey(Point(y)) ? 1 : 0;
  EXPECT_GT(points, 90);
  EXPECT_LT(points, 164);
}

TEST(Ed25519Point, NoKeyHasASmallOrderOrAnotherForm) {
  // y of the points of order 8, and of their negatives.
  const std::string eighth = *DecodeBase64Url("JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU");
  const std::string other_eighth = *DecodeBase64Url("xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o");
  const struct {
    const char* what;
    std::string bytes;
  } kCases[] = {
      {"no bytes", ""},
      {"31 bytes", std::string(31, 'f')},
      {"33 bytes", Point(0x58, 0x66, 0x66) + "f"},
      {"the neutral point", Point(1)},
      {"the neutral point with a sign", Point(1, 0, '\x80')},
      {"order 2", Point(0xEC, '\xFF', 0x7F)},
      {"order 4", Point(0)},
      {"order 4, the other", Point(0, 0, '\x80')},
      {"order 8", eighth},
      {"order 8, the other y", other_eighth},
      {"p, which is 0", Point(0xED, '\xFF', 0x7F)},
      {"p + 1, which is 1", Point(0xEE, '\xFF', 0x7F)},
      {"all bits", Point(0xFF, '\xFF', '\xFF')},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    EXPECT_FALSE(IsEd25519PublicKey(c.bytes));
  }
}

}  // namespace
}  // namespace esockets::broker
