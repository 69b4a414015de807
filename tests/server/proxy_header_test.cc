#include "server/proxy_header.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "server/limits.h"
#include "server/socket_address.h"

namespace esockets::server {
namespace {

using std::string_literals::operator""s;
using Command = ProxyHeader::Command;
using Status = ProxyHeaderStatus;

constexpr char kLocal = 0x20;
constexpr char kProxy = 0x21;
constexpr char kTcp4 = 0x11;
constexpr char kTcp6 = 0x21;
constexpr char kUnixStream = 0x31;

std::string Number16(size_t number) {
  return {static_cast<char>(number >> 8), static_cast<char>(number & 0xff)};
}

const std::string& Signature() {
  static const std::string signature = "\r\n\r\n\0\r\nQUIT\n"s;
  return signature;
}

std::string Binary(char command, char family, const std::string& block) {
  return Signature() + command + family + Number16(block.size()) + block;
}

std::string Tlv(char type, const std::string& value) {
  return type + Number16(value.size()) + value;
}

// 192.0.2.7:56324 to 198.51.100.11:443.
std::string Ipv4Block() { return "\xc0\x00\x02\x07\xc6\x33\x64\x0b\xdc\x04\x01\xbb"s; }

// [2001:db8::5]:56324 to [2001:db8::b]:443.
std::string Ipv6Block() {
  const std::string network = "\x20\x01\x0d\xb8"s + std::string(11, '\0');
  return network + '\x05' + network + '\x0b' + "\xdc\x04\x01\xbb"s;
}

std::string Path(std::string path, size_t bytes = 108) {
  path.resize(bytes, '\0');
  return path;
}

// Bytes in memory of their own, so that a sanitizer sees what is read behind them.
ParsedProxyHeader Parse(std::string_view bytes) {
  const auto copy = std::make_unique<char[]>(bytes.size());
  bytes.copy(copy.get(), bytes.size());
  return ParseProxyHeader({copy.get(), bytes.size()});
}

std::string Shown(std::string_view bytes) { return testing::PrintToString(bytes); }

struct Good {
  std::string bytes;
  int version;
  Command command;
  std::string source, destination;
};

std::vector<Good> Lines() {
  const std::string longest = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
  return {
      {"PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n", 1, Command::kProxy, "192.168.0.1:56324",
       "192.168.0.11:443"},
      {"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", 1, Command::kProxy,
       "255.255.255.255:65535", "255.255.255.255:65535"},
      {"PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n", 1, Command::kProxy, "0.0.0.0:0", "0.0.0.0:0"},
      {"PROXY TCP6 2001:db8::5 2001:DB8::B 56324 443\r\n", 1, Command::kProxy,
       "[2001:db8::5]:56324", "[2001:db8::b]:443"},
      {"PROXY TCP6 ::ffff:192.0.2.7 :: 1 2\r\n", 1, Command::kProxy, "[::ffff:192.0.2.7]:1",
       "[::]:2"},
      {"PROXY TCP6 " + longest + " " + longest + " 65535 65535\r\n", 1, Command::kProxy,
       "[" + longest + "]:65535", "[" + longest + "]:65535"},
      {"PROXY UNKNOWN\r\n", 1, Command::kProxy, "unknown", "unknown"},
      {"PROXY UNKNOWN \r\n", 1, Command::kProxy, "unknown", "unknown"},
      {"PROXY UNKNOWN 1.2.3.4  any\tthing\0at all\r\n"s, 1, Command::kProxy, "unknown", "unknown"},
      {"PROXY UNKNOWN " + longest + " " + longest + " 65535 65535\r\n", 1, Command::kProxy,
       "unknown", "unknown"},
  };
}

std::vector<Good> WithAddresses() {
  return {
      {Binary(kProxy, kTcp4, Ipv4Block()), 2, Command::kProxy, "192.0.2.7:56324",
       "198.51.100.11:443"},
      {Binary(kProxy, kTcp6, Ipv6Block()), 2, Command::kProxy, "[2001:db8::5]:56324",
       "[2001:db8::b]:443"},
      {Binary(kProxy, kTcp6,
              std::string(10, '\0') + "\xff\xff\x01\x02\x03\x04"s + std::string(20, '\0')),
       2, Command::kProxy, "[::ffff:1.2.3.4]:0", "[::]:0"},
      {Binary(kProxy, kUnixStream, Path("/run/client") + Path("/run/proxy")), 2, Command::kProxy,
       "unix:/run/client", "unix:/run/proxy"},
      {Binary(kProxy, kUnixStream, Path("") + Path("\0abstract"s)), 2, Command::kProxy,
       "unix:", "unix:"},
      {Binary(kProxy, kUnixStream, Path("/a\0left over"s) + Path(std::string(107, 'x'))), 2,
       Command::kProxy, "unix:/a", "unix:" + std::string(107, 'x')},
  };
}

std::vector<Good> WithoutAddresses() {
  return {
      {Binary(kLocal, 0, ""), 2, Command::kLocal, "unknown", "unknown"},
      // Of LOCAL the family is ignored, and so is what the length does not leave room for.
      {Binary(kLocal, kTcp4, Ipv4Block()), 2, Command::kLocal, "unknown", "unknown"},
      {Binary(kLocal, kTcp6, "short"), 2, Command::kLocal, "unknown", "unknown"},
      {Binary(kLocal, '\xff', "\x03\x00"s), 2, Command::kLocal, "unknown", "unknown"},
      {Binary(kProxy, 0x00, ""), 2, Command::kProxy, "unknown", "unknown"},
      {Binary(kProxy, 0x00, "what nobody knows"), 2, Command::kProxy, "unknown", "unknown"},
      {Binary(kProxy, 0x01, ""), 2, Command::kProxy, "unknown", "unknown"},
      {Binary(kProxy, 0x10, "short"), 2, Command::kProxy, "unknown", "unknown"},
  };
}

// The checksums were computed by another program.
std::vector<Good> WithTlvs() {
  const auto ipv4 = [](const std::string& tlvs) {
    return Good{Binary(kProxy, kTcp4, Ipv4Block() + tlvs), 2, Command::kProxy, "192.0.2.7:56324",
                "198.51.100.11:443"};
  };
  const size_t room = kProxyHeaderBytesMax - 16 - 12 - 3;
  return {
      ipv4(Tlv(0x02, "example.org") + Tlv(0x01, "h2")),
      ipv4(Tlv(0x04, "")),
      ipv4(Tlv('\xea', std::string(room, 'x'))),
      ipv4(Tlv(0x03, "\xb8\x0f\x57\xee"s)),
      ipv4(Tlv(0x04, "\0\0"s) + Tlv(0x03, "\x07\x71\xd4\x0c"s) + Tlv(0x02, "example.org")),
  };
}

std::vector<Good> AllGood() {
  std::vector<Good> all;
  for (const auto& some : {Lines(), WithAddresses(), WithoutAddresses(), WithTlvs()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

void ExpectHeader(const ParsedProxyHeader& parsed, const Good& good) {
  ASSERT_EQ(parsed.status, Status::kHeader) << Shown(good.bytes) << parsed.error;
  EXPECT_EQ(parsed.error, "");
  EXPECT_EQ(parsed.header.version, good.version) << Shown(good.bytes);
  EXPECT_EQ(parsed.header.command, good.command) << Shown(good.bytes);
  EXPECT_EQ(parsed.header.bytes, good.bytes.size()) << Shown(good.bytes);
  EXPECT_EQ(parsed.header.source.ToString(), good.source) << Shown(good.bytes);
  EXPECT_EQ(parsed.header.destination.ToString(), good.destination) << Shown(good.bytes);
}

TEST(ProxyHeader, IsReadHoweverItIsCut) {
  for (const Good& good : AllGood()) {
    for (size_t size = 0; size < good.bytes.size(); ++size) {
      const ParsedProxyHeader parsed = Parse(good.bytes.substr(0, size));
      ASSERT_EQ(parsed.status, Status::kIncomplete)
          << Shown(good.bytes) << " cut at " << size << ": " << parsed.error;
    }
    ExpectHeader(Parse(good.bytes), good);
    for (const std::string& more : {"x"s, "\r\n"s, "\0"s, good.bytes, std::string(2000, 'x')}) {
      ExpectHeader(Parse(good.bytes + more), good);
    }
  }
}

TEST(ProxyHeader, TheLongestLineIsTheOneOfTheDocument) {
  EXPECT_EQ(Lines().back().bytes.size(), 107);
}

// What is refused, how many bytes of it suffice for that, and with which words.
struct Bad {
  std::string bytes;
  size_t refused_at;
  std::string error;
};

void ExpectRefused(const Bad& bad) {
  for (size_t size = 0; size < bad.refused_at; ++size) {
    const ParsedProxyHeader parsed = Parse(bad.bytes.substr(0, size));
    ASSERT_EQ(parsed.status, Status::kIncomplete)
        << Shown(bad.bytes) << " cut at " << size << ": " << parsed.error;
  }
  ASSERT_LE(bad.refused_at, bad.bytes.size()) << Shown(bad.bytes);
  for (size_t size = bad.refused_at; size <= bad.bytes.size() + 1; ++size) {
    const ParsedProxyHeader parsed = Parse((bad.bytes + "\n").substr(0, size));
    ASSERT_EQ(parsed.status, Status::kMalformed) << Shown(bad.bytes) << " cut at " << size;
    EXPECT_NE(parsed.error.find(bad.error), std::string::npos)
        << Shown(bad.bytes) << ": " << parsed.error;
  }
}

TEST(ProxyHeader, IsRefusedAtTheFirstByteOfSomethingElse) {
  const Bad kCases[] = {
      {"x", 1, "does not begin with a header"},
      {" PROXY UNKNOWN\r\n", 1, "does not begin with a header"},
      {"xPROXY UNKNOWN\r\n", 1, "does not begin with a header"},
      {"\nPROXY UNKNOWN\r\n", 1, "does not begin with a header"},
      {"\r\nPROXY UNKNOWN\r\n", 3, "does not begin with a header"},
      {"GET / HTTP/1.1\r\n", 1, "does not begin with a header"},
      {"POST / HTTP/1.1\r\n", 2, "does not begin with a header"},
      {"PROPFIND / HTTP/1.1\r\n", 4, "does not begin with a header"},
      {"\x16\x03\x01"s, 1, "does not begin with a header"},
      {"\x0a\x0a"s, 1, "does not begin with a header"},
      {"proxy UNKNOWN\r\n", 1, "does not begin with a header"},
      {"Proxy UNKNOWN\r\n", 2, "does not begin with a header"},
      {"PROXY\tUNKNOWN\r\n", 6, "does not begin with a header"},
      {"PROXY\r\n", 6, "does not begin with a header"},
      {"x" + Binary(kLocal, 0, ""), 1, "does not begin with a header"},
      {"\0"s + Binary(kLocal, 0, ""), 1, "does not begin with a header"},
      {Signature().substr(0, 11) + "\r\x20\0\0\0"s, 12, "does not begin with a header"},
      {Signature().substr(0, 4) + "\r", 5, "does not begin with a header"},
  };
  for (const Bad& bad : kCases) ExpectRefused(bad);
}

TEST(ProxyHeader, ALineIsRefused) {
  const Bad kCases[] = {
      {"PROXY  TCP4 1.2.3.4 5.6.7.8 1 2\r\n", 7, "must be TCP4, TCP6 or UNKNOWN"},
      {"PROXY tcp4 1.2.3.4 5.6.7.8 1 2\r\n", 7, "must be TCP4, TCP6 or UNKNOWN"},
      {"PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\n", 8, "must be TCP4, TCP6 or UNKNOWN"},
      {"PROXY TCP5 1.2.3.4 5.6.7.8 1 2\r\n", 10, "must be TCP4, TCP6 or UNKNOWN"},
      {"PROXY TCP4\r\n", 11, "must be TCP4, TCP6 or UNKNOWN"},
      {"PROXY \r\n", 7, "must be TCP4, TCP6 or UNKNOWN"},
      {"PROXY unknown\r\n", 7, "must be TCP4, TCP6 or UNKNOWN"},
      {"PROXY UNKNOWNX\r\n", 14, "must follow UNKNOWN"},
      {"PROXY UNKNOWN\n", 14, "must follow UNKNOWN"},
      {"PROXY UNKNOWN x\n\r\n", 16, "must end with CRLF"},
      {"PROXY UNKNOWN x\ry\r\n", 17, "must end with CRLF"},
      {"PROXY UNKNOWN\r\r\n", 15, "must end with CRLF"},
      {"PROXY UNKNOWN " + std::string(93, 'x') + "\r\n", 107, "no CRLF within 107 bytes"},
      {"PROXY UNKNOWN " + std::string(92, 'x') + "\r\n", 107, "no CRLF within 107 bytes"},
      {"PROXY UNKNOWN " + std::string(2000, 'x'), 107, "no CRLF within 107 bytes"},
  };
  for (const Bad& bad : kCases) ExpectRefused(bad);
}

TEST(ProxyHeader, ALineIsRefusedForItsAddresses) {
  const std::string ipv4 = "an IPv4 address without leading zeros, and one space";
  const std::string ipv6 = "an IPv6 address, and one space";
  const std::string full = "0000:0000:0000:0000:0000:ffff:255.255.255.255";
  const Bad kCases[] = {
      {"PROXY TCP4  1.2.3.4 5.6.7.8 1 2\r\n", 12, ipv4},
      {"PROXY TCP4 1.2.3.4  5.6.7.8 1 2\r\n", 20, ipv4},
      {"PROXY TCP4 1.2.3.4\t5.6.7.8 1 2\r\n", 19, ipv4},
      {"PROXY TCP4 1.2.3.4 5.6.7.8\r\n", 27, ipv4},
      {"PROXY TCP4 1.2.3.4\r\n", 19, ipv4},
      {"PROXY TCP4 01.2.3.4 5.6.7.8 1 2\r\n", 20, ipv4},
      {"PROXY TCP4 1.2.3.4 5.6.7.08 1 2\r\n", 28, ipv4},
      {"PROXY TCP4 1.2.3.256 5.6.7.8 1 2\r\n", 21, ipv4},
      {"PROXY TCP4 1.2.3 5.6.7.8 1 2\r\n", 17, ipv4},
      {"PROXY TCP4 1.2.3.4. 5.6.7.8 1 2\r\n", 20, ipv4},
      {"PROXY TCP4 -1.2.3.4 5.6.7.8 1 2\r\n", 12, ipv4},
      {"PROXY TCP4 0x1.2.3.4 5.6.7.8 1 2\r\n", 13, ipv4},
      {"PROXY TCP4 localhost 5.6.7.8 1 2\r\n", 12, ipv4},
      {"PROXY TCP4 ::1 ::1 1 2\r\n", 12, ipv4},
      {"PROXY TCP4 2001:db8::5 5.6.7.8 1 2\r\n", 16, ipv4},
      {"PROXY TCP4 ::ffff:1.2.3.4 5.6.7.8 1 2\r\n", 12, ipv4},
      {"PROXY TCP4 1.2.3.4\0 5.6.7.8 1 2\r\n"s, 19, ipv4},
      {"PROXY TCP4 1.2.3.4567890123 5.6.7.8 1 2\r\n", 27, ipv4},
      {"PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n", 19, ipv6},
      {"PROXY TCP6 ::1 5.6.7.8 1 2\r\n", 23, ipv6},
      {"PROXY TCP6 [::1] ::1 1 2\r\n", 12, ipv6},
      {"PROXY TCP6 fe80::1%lo ::1 1 2\r\n", 19, ipv6},
      {"PROXY TCP6 1::2::3 ::1 1 2\r\n", 19, ipv6},
      {"PROXY TCP6 12345:: ::1 1 2\r\n", 19, ipv6},
      {"PROXY TCP6 ::1  ::1 1 2\r\n", 16, ipv6},
      {"PROXY TCP6 ::g ::1 1 2\r\n", 14, ipv6},
      {"PROXY TCP6 " + full + "0 ::1 1 2\r\n", 57, ipv6},
      // Each address could be there, but both together not within a line.
      {"PROXY TCP6 " + full + " " + full + " 65535 65535\r\n", 107, "no CRLF within 107 bytes"},
  };
  for (const Bad& bad : kCases) ExpectRefused(bad);
}

TEST(ProxyHeader, ALineIsRefusedForItsPorts) {
  const std::string port = "a port from 0 to 65535 without leading zeros";
  const std::string start = "PROXY TCP4 1.2.3.4 5.6.7.8 ";  // of 27 bytes
  const Bad kCases[] = {
      {start + "65536 2\r\n", 33, port},
      {start + "1 65536\r\n", 35, port},
      {start + "655350 2\r\n", 33, port},
      {start + "01 2\r\n", 30, port},
      {start + "1 00\r\n", 32, port},
      {start + "-1 2\r\n", 28, port},
      {start + "+1 2\r\n", 28, port},
      {start + "1  2\r\n", 30, port},
      {start + "1\t2\r\n", 29, port},
      {start + "1\r\n", 29, port},
      {start + " 1 2\r\n", 28, port},
      {start + "1 \r\n", 30, port},
      {start + "1 2\n", 31, port},
      {start + "1 2 \r\n", 31, port},
      {start + "1 2 3\r\n", 31, port},
      {start + "1 0x2\r\n", 31, port},
      {start + "1 2\rx\r\n", 32, "must end with CRLF"},
      {start + "1 2\r\r\n", 32, "must end with CRLF"},
  };
  for (const Bad& bad : kCases) ExpectRefused(bad);
}

// The fixed part; what is behind it does not matter.
TEST(ProxyHeader, ABinaryHeaderIsRefusedForItsFixedPart) {
  const std::string rest = Number16(12) + Ipv4Block();
  const Bad kCases[] = {
      {Signature() + "\x11\x11"s + rest, 13, "version of a binary header must be 2"},
      {Signature() + "\x01\x11"s + rest, 13, "version of a binary header must be 2"},
      {Signature() + "\x31\x11"s + rest, 13, "version of a binary header must be 2"},
      {Signature() + "\x22\x11"s + rest, 13, "command must be LOCAL (0) or PROXY (1)"},
      {Signature() + "\x2f\x11"s + rest, 13, "command must be LOCAL (0) or PROXY (1)"},
      {Signature() + "\x21\x41"s + rest, 14, "address family must be"},
      {Signature() + "\x21\xf1"s + rest, 14, "address family must be"},
      {Signature() + "\x21\x12"s + rest, 14, "datagrams"},
      {Signature() + "\x21\x22"s + rest, 14, "datagrams"},
      {Signature() + "\x21\x32"s + rest, 14, "datagrams"},
      {Signature() + "\x21\x02"s + rest, 14, "datagrams"},
      {Signature() + "\x21\x13"s + rest, 14, "transport must be"},
      {Signature() + "\x21\x1f"s + rest, 14, "transport must be"},
      {Signature() + "\x21\x11"s + Number16(11), 16, "too short for its addresses"},
      {Signature() + "\x21\x11"s + Number16(0), 16, "too short for its addresses"},
      {Signature() + "\x21\x21"s + Number16(35), 16, "too short for its addresses"},
      {Signature() + "\x21\x21"s + rest, 16, "too short for its addresses"},
      {Signature() + "\x21\x31"s + Number16(215), 16, "too short for its addresses"},
      {Signature() + "\x21\x11"s + Number16(kProxyHeaderBytesMax - 15), 16, "longer than 1024"},
      {Signature() + "\x21\x11"s + Number16(65535), 16, "longer than 1024"},
      {Signature() + "\x20\x00"s + Number16(65535), 16, "longer than 1024"},
      {Signature() + "\x21\x00"s + Number16(65535), 16, "longer than 1024"},
  };
  for (const Bad& bad : kCases) ExpectRefused(bad);
}

TEST(ProxyHeader, ABinaryHeaderIsRefusedWhenItIsThere) {
  const auto ipv4 = [](const std::string& tlvs, const std::string& error) {
    const std::string bytes = Binary(kProxy, kTcp4, Ipv4Block() + tlvs);
    return Bad{bytes, bytes.size(), error};
  };
  const std::string endless = Binary(kProxy, kUnixStream, Path("") + std::string(108, 'x'));
  const Bad kCases[] = {
      ipv4("\x04"s, "a TLV does not end with the header"),
      ipv4("\x04\x00"s, "a TLV does not end with the header"),
      ipv4("\x04\x00\x01"s, "a TLV does not end with the header"),
      ipv4("\x04\x00\x03xx"s, "a TLV does not end with the header"),
      ipv4("\x04\xff\xffxx"s, "a TLV does not end with the header"),
      ipv4(Tlv(0x02, "example.org") + "\x00"s, "a TLV does not end with the header"),
      ipv4(Tlv(0x02, "example.org") + "\x00\x00"s, "a TLV does not end with the header"),
      ipv4(Tlv(0x03, "\0\0\0\0"s), "the checksum (CRC32c) does not fit"),
      ipv4(Tlv(0x03, "\0\0\0"s), "must have 4 bytes"),
      ipv4(Tlv(0x03, "\0\0\0\0\0"s), "must have 4 bytes"),
      ipv4(Tlv(0x03, ""), "must have 4 bytes"),
      ipv4(Tlv(0x03, "\0\0\0\0"s) + Tlv(0x03, "\0\0\0\0"s), "two checksums"),
      {endless, endless.size(), "path of a UNIX socket does not end"},
  };
  for (const Bad& bad : kCases) ExpectRefused(bad);
}

TEST(ProxyHeader, AChecksumIsOfEveryBit) {
  const std::string whole = WithTlvs().back().bytes;
  for (size_t bit = size_t{16} * 8; bit < whole.size() * 8; ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    // Of a TLV's type a flip can hide the checksum: then there is none.
    const bool hidden = bit / 8 == 16 + 12 + 5;
    EXPECT_NE(Parse(flipped).status == Status::kMalformed, hidden) << "bit " << bit;
  }
}

}  // namespace
}  // namespace esockets::server
