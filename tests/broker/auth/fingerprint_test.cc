#include "broker/auth/fingerprint.h"

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

TEST(FingerprintTest, IsTheBeginningOfTheHash) {
  // FIPS 180-4, of "abc" and of nothing: ba7816bf 8f01cfea ..., e3b0c442 98fc1c14 ...
  EXPECT_EQ(FingerprintOf("abc"), 0xea'cf'01'8f'bf'16'78'baU);
  EXPECT_EQ(FingerprintOf(""), 0x14'1c'fc'98'42'c4'b0'e3U);
}

TEST(FingerprintTest, EachByteCounts) {
  EXPECT_NE(FingerprintOf("ann"), FingerprintOf("ann "));
  EXPECT_NE(FingerprintOf(std::string_view("a\0b", 3)), FingerprintOf("a"));
}

}  // namespace
}  // namespace esockets::broker
