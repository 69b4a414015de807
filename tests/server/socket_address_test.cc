#include "server/socket_address.h"

#include <string>

#include "gtest/gtest.h"

namespace esockets::server {
namespace {

using Family = SocketAddress::Family;

TEST(SocketAddress, Parses) {
  const struct {
    std::string text, shown;
    Family family;
    int port;
    bool loopback;
  } kCases[] = {
      {"127.0.0.1:1234", "127.0.0.1:1234", Family::kIpv4, 1234, true},
      {"localhost:1", "127.0.0.1:1", Family::kIpv4, 1, true},
      {"127.9.8.7:0", "127.9.8.7:0", Family::kIpv4, 0, true},
      {"0.0.0.0:65535", "0.0.0.0:65535", Family::kIpv4, 65535, false},
      {"10.1.2.3:80", "10.1.2.3:80", Family::kIpv4, 80, false},
      {"[::1]:1234", "[::1]:1234", Family::kIpv6, 1234, true},
      {"[::]:1234", "[::]:1234", Family::kIpv6, 1234, false},
      {"[2001:db8::5]:7", "[2001:db8::5]:7", Family::kIpv6, 7, false},
      {"unix:/run/a:b", "unix:/run/a:b", Family::kUnix, 0, true},
  };
  for (const auto& c : kCases) {
    const auto address = SocketAddress::Parse(c.text);
    ASSERT_TRUE(address.ok()) << c.text;
    EXPECT_EQ(address->family(), c.family) << c.text;
    EXPECT_EQ(address->port(), c.port) << c.text;
    EXPECT_EQ(address->IsLoopback(), c.loopback) << c.text;
    EXPECT_EQ(address->ToString(), c.shown);
    if (c.family == Family::kUnix) continue;
    sockaddr_storage kernel;
    address->ToKernel(&kernel);
    EXPECT_EQ(SocketAddress::FromKernel(kernel).ToString(), c.shown);
  }
}

TEST(SocketAddress, RefusesWithAReason) {
  const struct {
    std::string text, reason;
  } kCases[] = {
      {"", "no port"},
      {"127.0.0.1", "no port"},
      {"127.0.0.1:", "the port must be a number"},
      {"127.0.0.1:65536", "the port must be a number"},
      {"127.0.0.1:-1", "the port must be a number"},
      {"127.0.0.1:80 ", "the port must be a number"},
      {"127.0.0.1:+80", "the port must be a number"},
      {"127.0.0.256:80", "write an IPv4 address"},
      {"example.com:80", "write an IPv4 address"},
      {"::1:80", "IPv6 address in [brackets]"},
      {"[::1:80", "IPv6 address in [brackets]"},
      {"[::x]:80", "not an IPv6 address in the brackets"},
      {"[]:80", "not an IPv6 address in the brackets"},
      {"unix:", "a path must follow"},
      {"unix:" + std::string(108, 'x'), "longer than 107 bytes"},
  };
  for (const auto& c : kCases) {
    const auto address = SocketAddress::Parse(c.text);
    ASSERT_FALSE(address.ok()) << c.text;
    EXPECT_NE(address.status().ToString().find(c.reason), std::string::npos)
        << address.status().ToString();
  }
}

TEST(SocketAddress, UnknownIsHarmless) {
  const SocketAddress address;
  EXPECT_EQ(address.ToString(), "unknown");
  EXPECT_FALSE(address.IsLoopback());
  EXPECT_EQ(SocketAddress::FromKernel(sockaddr_storage{}).family(), Family::kUnknown);
}

}  // namespace
}  // namespace esockets::server
