#include "gateways/first_bytes.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace esockets::gateways {
namespace {

TEST(FirstBytes, TwoBytesDecide) {
  const struct {
    std::string_view bytes;
    FirstBytes what;
  } kCases[] = {
      {"", FirstBytes::kUndecided},
      {"G", FirstBytes::kUndecided},
      {"\x04", FirstBytes::kUndecided},
      {"\x16", FirstBytes::kUndecided},
      {"GE", FirstBytes::kHttp},
      {"GET / HTTP/1.1\r\n", FirstBytes::kHttp},
      {"PRI * HTTP/2.0\r\n", FirstBytes::kHttp},
      {"\x04\x0a\x02\x08\x01", FirstBytes::kNative},
      // A Connect as long as 'G', 0x10 and 0x16 say.
      {"G\x0a", FirstBytes::kNative},
      {"\x10\x0a", FirstBytes::kNative},
      {"\x16\x0a", FirstBytes::kNative},
      {"\x80", FirstBytes::kNative},
      {"\xff\xff", FirstBytes::kNative},
      {"\x16\x03\x01", FirstBytes::kTls},
      {"\x16\x02", FirstBytes::kUnknown},
      {"\x10\x0c", FirstBytes::kMqtt},
      {"ge", FirstBytes::kUnknown},
      {"SSH", FirstBytes::kHttp},
      {"\r\n", FirstBytes::kNative},  // a Connect of 13 bytes
      {"\n\n", FirstBytes::kNative},
      {"\x05\x01", FirstBytes::kUnknown},  // SOCKS
  };
  for (const auto& test : kCases) EXPECT_EQ(WhatSpeaks(test.bytes), test.what) << test.bytes;
  EXPECT_EQ(WhatSpeaks(std::string_view("\0", 1)), FirstBytes::kUnknown) << "no length of anything";
  EXPECT_EQ(WhatSpeaks(std::string_view("\0\n", 2)), FirstBytes::kUnknown);
}

// What has begun one way never becomes another with more bytes.
TEST(FirstBytes, NoThirdByteChangesAnything) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string two{static_cast<char>(first), static_cast<char>(second)};
      const FirstBytes what = WhatSpeaks(two);
      EXPECT_NE(what, FirstBytes::kUndecided);
      EXPECT_EQ(WhatSpeaks(two + "x"), what);
      const FirstBytes of_one = WhatSpeaks(two.substr(0, 1));
      EXPECT_TRUE(of_one == what || of_one == FirstBytes::kUndecided);
    }
  }
}

}  // namespace
}  // namespace esockets::gateways
