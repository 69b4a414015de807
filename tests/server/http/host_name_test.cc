#include "server/http/host_name.h"

#include <string>

#include "gtest/gtest.h"

namespace esockets::http {
namespace {

TEST(HostNameTest, WithoutItsPort) {
  const struct {
    std::string host;
    std::string_view name;
  } kCases[] = {
      {"localhost", "localhost"},
      {"LocalHost:80", "localhost"},
      {"127.0.0.1:9234", "127.0.0.1"},
      {"[::1]", "::1"},
      {"[2001:DB8::1]:80", "2001:db8::1"},
      {"broker.example.org:1", "broker.example.org"},
      // None of them.
      {"", ""},
      {":80", ""},
      {"a:", ""},
      {"a:b", ""},
      {"a:80x", ""},
      {"::1", ""},
      {"[::1", ""},
      {"[::1]80", ""},
      {"[localhost]", ""},
      {"user@localhost:x", ""},
      {std::string("localhost\0.evil", 15), ""},
  };
  for (const auto& test : kCases) EXPECT_EQ(HostName(test.host), test.name) << test.host;
}

TEST(HostNameTest, OwnNamesAreAddressesAndLocalhost) {
  for (const char* name : {"localhost", "127.0.0.1", "192.0.2.1", "::1", "2001:db8::1"}) {
    EXPECT_TRUE(IsOwnName(name)) << name;
  }
  for (const char* name : {"", "evil.example", "127.0.0.1.evil.example", "1.2.3", "localhost."}) {
    EXPECT_FALSE(IsOwnName(name)) << name;
  }
}

}  // namespace
}  // namespace esockets::http
