#include "server/trusted_addresses.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/socket_address.h"

namespace esockets::server {
namespace {

using std::string_literals::operator""s;
using Family = SocketAddress::Family;

SocketAddress Address(const std::string& ip) {
  if (ip == "unix") return SocketAddress::FromUnixPath("");
  const Family family = ip.find(':') == std::string::npos ? Family::kIpv4 : Family::kIpv6;
  return SocketAddress::FromIpText(family, ip, 1234).value_or(SocketAddress());
}

TEST(TrustedAddresses, ContainsWhatIsInOneOfItsNetworks) {
  const struct {
    std::vector<std::string> networks, inside, outside;
  } kCases[] = {
      {{}, {}, {"127.0.0.1", "::1", "0.0.0.0", "::", "unix"}},
      {{"10.0.0.0/8"},
       {"10.0.0.0", "10.1.2.3", "10.255.255.255", "::ffff:10.1.2.3"},
       {"9.255.255.255", "11.0.0.0", "::10.1.2.3", "a00::", "a01:203::", "unix"}},
      {{"192.0.2.7"},
       {"192.0.2.7", "::ffff:192.0.2.7"},
       {"192.0.2.6", "192.0.2.8", "192.0.3.7", "::192.0.2.7"}},
      {{"192.0.2.7/32"}, {"192.0.2.7"}, {"192.0.2.6"}},
      {{"192.0.2.6/31"}, {"192.0.2.6", "192.0.2.7"}, {"192.0.2.5", "192.0.2.8"}},
      {{"172.16.0.0/12"}, {"172.16.0.0", "172.31.255.255"}, {"172.15.255.255", "172.32.0.0"}},
      {{"128.0.0.0/1"}, {"128.0.0.0", "255.255.255.255"}, {"127.255.255.255"}},
      {{"0.0.0.0/0"},
       {"0.0.0.0", "1.2.3.4", "255.255.255.255", "::ffff:1.2.3.4"},
       {"::", "::1", "2001:db8::5", "unix"}},
      {{"0.0.0.0"}, {"0.0.0.0", "::ffff:0:0"}, {"0.0.0.1", "::"}},
      {{"2001:db8::/32"},
       {"2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"},
       {"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::", "32.1.13.184"}},
      {{"2001:db8::5"}, {"2001:db8::5"}, {"2001:db8::4", "2001:db8::6"}},
      {{"2001:DB8:0:0::/33"}, {"2001:db8:7fff::1"}, {"2001:db8:8000::"}},
      {{"fe80::/10"}, {"fe80::1", "febf::1"}, {"fec0::", "fe7f::1"}},
      {{"::/0"}, {"::", "::1", "ffff::", "::1.2.3.4"}, {"1.2.3.4", "::ffff:1.2.3.4", "unix"}},
      {{"::1/128"}, {"::1"}, {"::", "::2"}},
      {{"::ffff:10.0.0.0/104"}, {"10.1.2.3", "::ffff:10.1.2.3"}, {"11.1.2.3", "::"}},
      {{"::ffff:192.0.2.7"}, {"192.0.2.7", "::ffff:192.0.2.7"}, {"192.0.2.8"}},
      {{"::ffff:0:0/96"}, {"1.2.3.4", "::ffff:1.2.3.4"}, {"::", "::1"}},
      {{"unix"}, {"unix"}, {"127.0.0.1", "::1"}},
      {{"10.0.0.0/8", "10.0.0.0/8", "::1", "unix"},
       {"10.0.0.1", "::1", "unix"},
       {"127.0.0.1", "::2"}},
  };
  for (const auto& c : kCases) {
    const auto trusted = TrustedAddresses::Parse(c.networks);
    const std::string networks = testing::PrintToString(c.networks);
    ASSERT_TRUE(trusted.ok()) << networks << trusted.status().ToString();
    EXPECT_EQ(trusted->empty(), c.networks.empty());
    EXPECT_FALSE(trusted->Contains(SocketAddress())) << networks;
    for (const std::string& ip : c.inside) {
      EXPECT_TRUE(trusted->Contains(Address(ip))) << ip << " in " << networks;
    }
    for (const std::string& ip : c.outside) {
      ASSERT_NE(Address(ip).family(), Family::kUnknown) << ip;
      EXPECT_FALSE(trusted->Contains(Address(ip))) << ip << " in " << networks;
    }
  }
}

TEST(TrustedAddresses, RefusesWithAReason) {
  const std::string no_address = "write an address, 192.0.2.7 or 2001:db8::5, a network";
  const std::string no_prefix = "must be a number from 0 to 32";
  const std::string no_ipv6_prefix = "must be a number from 0 to 128";
  const struct {
    std::string network, reason;
  } kCases[] = {
      {"", no_address},
      {"/8", no_address},
      {"localhost", no_address},
      {"proxy.example.org", no_address},
      {"10.0.0/8", no_address},
      {"10.0.0.0.0/8", no_address},
      {"010.0.0.0/8", no_address},
      {"10.0.0.256", no_address},
      {" 10.0.0.0/8", no_address},
      {"10.0.0.0 /8", no_address},
      {"10.0.0.1\0"s, no_address},
      {"192.0.2.7:80", no_address},
      {"[::1]", no_address},
      {"[::1]:80", no_address},
      {"fe80::1%eth0", no_address},
      {"Unix", no_address},
      {"unix:/run/proxy", no_address},
      {"unix/0", no_address},
      {"*", no_address},
      {"10.0.0.0/", no_prefix},
      {"10.0.0.0/33", no_prefix},
      {"10.0.0.0/256", no_prefix},
      {"10.0.0.0/-1", no_prefix},
      {"10.0.0.0/+8", no_prefix},
      {"10.0.0.0/08", no_prefix},
      {"10.0.0.0/8 ", no_prefix},
      {"10.0.0.0/8/8", no_prefix},
      {"10.0.0.0/255.0.0.0", no_prefix},
      {"2001:db8::/129", no_ipv6_prefix},
      {"2001:db8::/", no_ipv6_prefix},
      {"10.1.2.3/8",
       "\"10.1.2.3/8\": bits are set behind the prefix; write 10.0.0.0/8 for that network, or "
       "10.1.2.3 for that address alone"},
      {"10.0.0.1/31", "write 10.0.0.0/31 for that network, or 10.0.0.1 for"},
      {"1.2.3.4/0", "write 0.0.0.0/0 for that network, or 1.2.3.4 for"},
      {"2001:db8::5/32", "write 2001:db8::/32 for that network, or 2001:db8::5 for"},
      {"::1/0", "write ::/0 for that network, or ::1 for"},
      {"::ffff:10.1.2.3/104", "write ::ffff:10.0.0.0/104 for that network"},
      {"::ffff:0:0/95", "write ::fffe:0:0/95 for that network"},
  };
  for (const auto& c : kCases) {
    const auto trusted = TrustedAddresses::Parse({"::1", c.network, "nor this"});
    ASSERT_FALSE(trusted.ok()) << c.network;
    EXPECT_NE(trusted.status().ToString().find(c.reason), std::string::npos)
        << trusted.status().ToString();
    EXPECT_NE(trusted.status().ToString().find('"' + c.network + '"'), std::string::npos)
        << trusted.status().ToString();
  }
}

}  // namespace
}  // namespace esockets::server
