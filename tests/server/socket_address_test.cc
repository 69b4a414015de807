#include "server/socket_address.h"

#include <netinet/in.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string>

#include "gtest/gtest.h"

namespace esockets::server {
namespace {

using std::string_literals::operator""s;

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
      {"127.0.0.1"s + '\0' + ":80", "write an IPv4 address"},
      {"[::1"s + '\0' + "]:80", "not an IPv6 address in the brackets"},
      {"[" + std::string(64, '0') + "]:80", "not an IPv6 address in the brackets"},
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

TEST(SocketAddress, IsMadeOfBytes) {
  in_addr ipv4{};
  ipv4.s_addr = htonl(0xc0000207);
  std::array<uint8_t, 4> ipv4_bytes{};
  std::memcpy(ipv4_bytes.data(), &ipv4, ipv4_bytes.size());
  EXPECT_EQ(SocketAddress::FromIp(ipv4_bytes, 7).ToString(), "192.0.2.7:7");

  in6_addr ipv6 = in6addr_loopback;
  std::array<uint8_t, 16> ipv6_bytes{};
  std::memcpy(ipv6_bytes.data(), &ipv6, ipv6_bytes.size());
  EXPECT_EQ(SocketAddress::FromIp(ipv6_bytes, 65535).ToString(), "[::1]:65535");

  const SocketAddress path = SocketAddress::FromUnixPath(std::string(107, 'x'));
  EXPECT_EQ(path.family(), Family::kUnix);
  EXPECT_EQ(path.path(), std::string(107, 'x'));
  EXPECT_EQ(SocketAddress::FromUnixPath("").ToString(), "unix:");
  EXPECT_DEATH(SocketAddress::FromUnixPath(std::string(108, 'x')), "kUnixPathBytesMax");
}

TEST(SocketAddress, IsMadeOfTheTextOfAnIp) {
  const struct {
    Family family;
    std::string text, shown;  // "": it is no address
  } kCases[] = {
      {Family::kIpv4, "192.0.2.7", "192.0.2.7:9"},
      {Family::kIpv4, "255.255.255.255", "255.255.255.255:9"},
      {Family::kIpv4, "0.0.0.0", "0.0.0.0:9"},
      {Family::kIpv4, "", ""},
      {Family::kIpv4, "1.2.3", ""},
      {Family::kIpv4, "1.2.3.4.5", ""},
      {Family::kIpv4, "01.2.3.4", ""},
      {Family::kIpv4, "1.2.3.00", ""},
      {Family::kIpv4, "1.2.3.256", ""},
      {Family::kIpv4, "0x1.2.3.4", ""},
      {Family::kIpv4, " 1.2.3.4", ""},
      {Family::kIpv4, "1.2.3.4 ", ""},
      {Family::kIpv4, "1.2.3.4\0"s, ""},
      {Family::kIpv4, "::1", ""},
      {Family::kIpv4, "localhost", ""},
      {Family::kIpv6, "::", "[::]:9"},
      {Family::kIpv6, "2001:DB8:0:0:0:0:0:5", "[2001:db8::5]:9"},
      {Family::kIpv6, "::ffff:192.0.2.7", "[::ffff:192.0.2.7]:9"},
      {Family::kIpv6, "0000:0000:0000:0000:0000:ffff:255.255.255.255",
       "[::ffff:255.255.255.255]:9"},
      {Family::kIpv6, "1::2::3", ""},
      {Family::kIpv6, "12345::", ""},
      {Family::kIpv6, "[::1]", ""},
      {Family::kIpv6, "fe80::1%lo", ""},
      {Family::kIpv6, "::1\0"s, ""},
      {Family::kIpv6, "192.0.2.7", ""},
      {Family::kIpv6, std::string(46, '0'), ""},
  };
  for (const auto& c : kCases) {
    const auto address = SocketAddress::FromIpText(c.family, c.text, 9);
    EXPECT_EQ(address ? address->ToString() : "", c.shown) << c.text;
  }
}

TEST(SocketAddress, AMappedAddressIsAnIpv4Address) {
  const struct {
    std::string text, shown;
  } kCases[] = {
      {"[::ffff:192.0.2.7]:80", "192.0.2.7:80"},
      {"[::ffff:0:0]:1", "0.0.0.0:1"},
      {"[::fffe:192.0.2.7]:80", "[::fffe:c000:207]:80"},
      {"[::192.0.2.7]:80", "[::192.0.2.7]:80"},
      {"[1::ffff:192.0.2.7]:80", "[1::ffff:c000:207]:80"},
      {"192.0.2.7:80", "192.0.2.7:80"},
      {"unix:/run/a", "unix:/run/a"},
  };
  for (const auto& c : kCases) {
    const auto address = SocketAddress::Parse(c.text);
    ASSERT_TRUE(address.ok()) << c.text;
    EXPECT_EQ(address->Unmapped().ToString(), c.shown);
  }
}

TEST(SocketAddress, UnknownIsHarmless) {
  const SocketAddress address;
  EXPECT_EQ(address.ToString(), "unknown");
  EXPECT_FALSE(address.IsLoopback());
  EXPECT_EQ(address.Unmapped().ToString(), "unknown");
  EXPECT_EQ(SocketAddress::FromKernel(sockaddr_storage{}).family(), Family::kUnknown);
}

}  // namespace
}  // namespace esockets::server
