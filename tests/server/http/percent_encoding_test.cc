#include "server/http/percent_encoding.h"

#include <string_view>

#include "gtest/gtest.h"

namespace esockets::http {
namespace {

TEST(PercentEncodingTest, APlusIsAPlus) {
  EXPECT_EQ(DecodePercent("a+b%20%2f/%e2%82%AC"), "a+b //\u20ac");
  EXPECT_EQ(DecodePercent(""), "");
}

TEST(PercentEncodingTest, WhatIsNone) {
  for (const std::string_view wrong : {"%", "a%1", "%g0", "%0g", "%+1", "%-1", "%%20", "% 1"}) {
    EXPECT_EQ(DecodePercent(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace esockets::http
