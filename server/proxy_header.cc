#include "server/proxy_header.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>

#include "base/crc32c.h"
#include "server/limits.h"

namespace esockets::server {
namespace {

using Family = SocketAddress::Family;
using Status = ProxyHeaderStatus;

ParsedProxyHeader Incomplete() { return {}; }

ParsedProxyHeader Malformed(std::string_view error) {
  return {.status = Status::kMalformed, .header = {}, .error = error};
}

ParsedProxyHeader Whole(const ProxyHeader& header) {
  return {.status = Status::kHeader, .header = header};
}

constexpr std::string_view kNoHeader = "it does not begin with a header of the PROXY protocol";

// Do `bytes` begin with `literal`, as far as they go?
enum class Match : uint8_t { kWhole, kPart, kNone };

Match MatchStart(std::string_view bytes, std::string_view literal) {
  if (bytes.starts_with(literal)) return Match::kWhole;
  return literal.starts_with(bytes) ? Match::kPart : Match::kNone;
}

// --- version 1: a line (section 2.1) ------------------------------------------------------------

constexpr size_t kLineBytesMax = 107;  // with its CRLF
constexpr std::string_view kLineStart = "PROXY ";
static_assert(kLineBytesMax <= kProxyHeaderBytesMax);

// What one of the two ends of a connection, or a port, is written with.
struct Field {
  std::string_view alphabet;
  size_t bytes_max;
  std::string_view error;
};

constexpr Field kIpv4Field = {
    "0123456789.", 15, "an IPv4 address without leading zeros, and one space, must be there"};
constexpr Field kIpv6Field = {"0123456789abcdefABCDEF:.", 45,
                              "an IPv6 address, and one space, must be there"};
constexpr Field kSourcePort = {
    "0123456789", 5, "a port from 0 to 65535 without leading zeros, and one space, must be there"};
constexpr Field kDestinationPort = {
    "0123456789", 5, "a port from 0 to 65535 without leading zeros, and CRLF, must be there"};

std::optional<uint16_t> ParsePort(std::string_view text) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool zeros = text.size() > 1 && text.front() == '0';
  if (error != std::errc() || end != text.data() + text.size() || zeros) return {};
  return port;
}

// The line's "\r" is at `at`.
ParsedProxyHeader EndLine(std::string_view line, size_t at, ProxyHeader header) {
  if (at + 1 == line.size()) return Incomplete();
  if (line[at + 1] != '\n') return Malformed("the line must end with CRLF");
  header.version = 1;
  header.bytes = at + 2;
  return Whole(header);
}

// Addresses are read as soon as the space behind them is there, but used with the CRLF at the
// earliest: an early refusal shows the sender sooner what it has done.
ParsedProxyHeader ParseTcp(std::string_view line, size_t at, Family family) {
  const Field& ip = family == Family::kIpv4 ? kIpv4Field : kIpv6Field;
  std::array<SocketAddress, 2> ends;
  for (size_t i = 0; i < 4; ++i) {
    const Field& field = i < 2 ? ip : i == 2 ? kSourcePort : kDestinationPort;
    const size_t end = std::min(line.find_first_not_of(field.alphabet, at), line.size());
    const std::string_view text = line.substr(at, end - at);
    if (text.size() > field.bytes_max) return Malformed(field.error);
    if (end == line.size()) return Incomplete();
    if (line[end] != (i < 3 ? ' ' : '\r')) return Malformed(field.error);
    if (i < 2) {
      const auto address = SocketAddress::FromIpText(family, text, 0);
      if (!address) return Malformed(field.error);
      ends[i] = *address;
    } else {
      const auto port = ParsePort(text);
      if (!port) return Malformed(field.error);
      ends[i - 2].set_port(*port);
    }
    at = end + 1;
  }
  return EndLine(line, at - 1, {.source = ends[0], .destination = ends[1]});
}

ParsedProxyHeader ParseTcp4(std::string_view line, size_t at) {
  return ParseTcp(line, at, Family::kIpv4);
}

ParsedProxyHeader ParseTcp6(std::string_view line, size_t at) {
  return ParseTcp(line, at, Family::kIpv6);
}

// Whatever follows is skipped: but a line has one end, and CRs and LFs of its own nowhere.
ParsedProxyHeader ParseUnknown(std::string_view line, size_t at) {
  if (at == line.size()) return Incomplete();
  if (line[at] != ' ' && line[at] != '\r') {
    return Malformed("a space or CRLF must follow UNKNOWN");
  }
  const size_t end = line.find_first_of("\r\n", at);
  if (end == std::string_view::npos) return Incomplete();
  if (line[end] == '\n') return Malformed("the line must end with CRLF");
  return EndLine(line, end, {});
}

struct Protocol {
  std::string_view start;
  ParsedProxyHeader (*parse)(std::string_view line, size_t at);
};
constexpr Protocol kProtocols[] = {
    {"PROXY TCP4 ", ParseTcp4}, {"PROXY TCP6 ", ParseTcp6}, {"PROXY UNKNOWN", ParseUnknown}};

ParsedProxyHeader ParseLine(std::string_view line) {
  for (const Protocol& protocol : kProtocols) {
    const Match match = MatchStart(line, protocol.start);
    if (match == Match::kPart) return Incomplete();
    if (match == Match::kWhole) return protocol.parse(line, protocol.start.size());
  }
  if (!line.starts_with(kLineStart)) return Malformed(kNoHeader);
  return Malformed("the protocol must be TCP4, TCP6 or UNKNOWN");
}

ParsedProxyHeader ParseVersion1(std::string_view bytes) {
  ParsedProxyHeader parsed = ParseLine(bytes.substr(0, kLineBytesMax));
  if (parsed.status == Status::kIncomplete && bytes.size() >= kLineBytesMax) {
    return Malformed("no CRLF within 107 bytes");
  }
  return parsed;
}

// --- version 2: binary (section 2.2) ------------------------------------------------------------

constexpr std::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr size_t kFixedBytes = 16;  // signature, version and command, family and transport, length
constexpr size_t kUnixAddressBytes = 108;
constexpr size_t kTlvHeadBytes = 3;  // type, length
constexpr uint8_t kTypeCrc32c = 0x03;

uint8_t ByteAt(std::string_view bytes, size_t at) { return static_cast<uint8_t>(bytes[at]); }

uint16_t Number16At(std::string_view bytes, size_t at) {
  return static_cast<uint16_t>(ByteAt(bytes, at) << 8 | ByteAt(bytes, at + 1));
}

bool IsLocal(std::string_view bytes) { return ByteAt(bytes, 12) == 0x20; }

// Of what `bytes` announce; 0: their addresses are not asked for.
size_t AddressBytes(std::string_view bytes) {
  constexpr size_t kPortBytes = 2;
  static constexpr std::array<size_t, 4> kEndBytes = {0, 4 + kPortBytes, 16 + kPortBytes,
                                                      kUnixAddressBytes};
  const uint8_t family = ByteAt(bytes, 13) >> 4;
  const uint8_t transport = ByteAt(bytes, 13) & 0xf;
  return IsLocal(bytes) || transport == 0 ? 0 : 2 * kEndBytes[family];
}

// What is wrong with the fixed part, as far as it is there; empty: nothing.
std::string_view WrongFixedPart(std::string_view bytes) {
  if (MatchStart(bytes, kSignature) == Match::kNone) return kNoHeader;
  if (bytes.size() <= 12) return {};
  if (ByteAt(bytes, 12) >> 4 != 2) return "the version of a binary header must be 2";
  if ((ByteAt(bytes, 12) & 0xf) > 1) return "the command must be LOCAL (0) or PROXY (1)";
  // A LOCAL header's family is ignored, whatever it is.
  if (bytes.size() > 13 && !IsLocal(bytes)) {
    const uint8_t family = ByteAt(bytes, 13) >> 4;
    const uint8_t transport = ByteAt(bytes, 13) & 0xf;
    if (family > 3) return "the address family must be UNSPEC, INET, INET6 or UNIX (0 to 3)";
    if (transport == 2) return "datagrams do not come over a stream";
    if (transport > 2) return "the transport must be UNSPEC (0) or STREAM (1)";
  }
  if (bytes.size() < kFixedBytes) return {};
  static_assert(kProxyHeaderBytesMax == 1024, "the text below says so");
  const size_t length = Number16At(bytes, 14);
  if (kFixedBytes + length > kProxyHeaderBytesMax) return "it is longer than 1024 bytes";
  if (length < AddressBytes(bytes)) return "it is too short for its addresses";
  return {};
}

// `N` bytes of an IP.
template <size_t N>
SocketAddress IpAt(std::string_view bytes, size_t at, uint16_t port) {
  std::array<uint8_t, N> ip{};
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), N, ip.begin());
  return SocketAddress::FromIp(ip, port);
}

template <size_t N>
void ReadIps(std::string_view bytes, ProxyHeader* header) {
  const size_t ports_at = kFixedBytes + 2 * N;
  header->source = IpAt<N>(bytes, kFixedBytes, Number16At(bytes, ports_at));
  header->destination = IpAt<N>(bytes, kFixedBytes + N, Number16At(bytes, ports_at + 2));
}

// A path ends at its NUL, which Linux would not ask for in the last byte, but we do. One that
// begins with it is none: a socket without a name, or with an abstract one.
bool ReadPath(std::string_view field, SocketAddress* address) {
  const size_t end = field.find('\0');
  if (end == std::string_view::npos) return false;
  *address = SocketAddress::FromUnixPath(field.substr(0, end));
  return true;
}

// False: a path that does not end.
bool ReadAddresses(std::string_view bytes, ProxyHeader* header) {
  switch (ByteAt(bytes, 13) >> 4) {
    case 1:
      ReadIps<4>(bytes, header);
      return true;
    case 2:
      ReadIps<16>(bytes, header);
      return true;
    default:
      const std::string_view paths = bytes.substr(kFixedBytes, 2 * kUnixAddressBytes);
      return ReadPath(paths.substr(0, kUnixAddressBytes), &header->source) &&
             ReadPath(paths.substr(kUnixAddressBytes), &header->destination);
  }
}

// The checksum is of the whole header, with zeros in its own place (section 2.2.3).
bool ChecksumFits(std::string_view bytes, size_t at) {
  uint32_t crc = base::Crc32c(bytes.substr(0, at));
  crc = base::Crc32c({"\0\0\0\0", 4}, crc);
  crc = base::Crc32c(bytes.substr(at + 4), crc);
  return crc >> 16 == Number16At(bytes, at) && (crc & 0xffff) == Number16At(bytes, at + 2);
}

// What is wrong with the TLVs from `at` on; empty: nothing. Of those known we need the checksum
// alone; NOOP (2.2.4) and the others are padding to us.
std::string_view WrongTlvs(std::string_view bytes, size_t at) {
  size_t checksum_at = 0;
  while (at < bytes.size()) {
    if (bytes.size() - at < kTlvHeadBytes) return "a TLV does not end with the header";
    const uint8_t type = ByteAt(bytes, at);
    const size_t length = Number16At(bytes, at + 1);
    at += kTlvHeadBytes;
    if (bytes.size() - at < length) return "a TLV does not end with the header";
    if (type == kTypeCrc32c) {
      if (length != 4) return "the checksum (CRC32c) must have 4 bytes";
      if (checksum_at != 0) return "there are two checksums (CRC32c)";
      checksum_at = at;
    }
    at += length;
  }
  if (checksum_at != 0 && !ChecksumFits(bytes, checksum_at)) {
    return "the checksum (CRC32c) does not fit";
  }
  return {};
}

// Where no address is taken, nobody can tell where the TLVs would begin: skipped with the rest.
ParsedProxyHeader ParseWhole(std::string_view bytes) {
  ProxyHeader header{.version = 2, .bytes = bytes.size()};
  if (IsLocal(bytes)) header.command = ProxyHeader::Command::kLocal;
  const size_t address_bytes = AddressBytes(bytes);
  if (address_bytes == 0) return Whole(header);
  if (!ReadAddresses(bytes, &header)) return Malformed("the path of a UNIX socket does not end");
  const std::string_view error = WrongTlvs(bytes, kFixedBytes + address_bytes);
  return error.empty() ? Whole(header) : Malformed(error);
}

ParsedProxyHeader ParseVersion2(std::string_view bytes) {
  const std::string_view error = WrongFixedPart(bytes);
  if (!error.empty()) return Malformed(error);
  if (bytes.size() < kFixedBytes) return Incomplete();
  const size_t header_bytes = kFixedBytes + Number16At(bytes, 14);
  if (bytes.size() < header_bytes) return Incomplete();
  return ParseWhole(bytes.substr(0, header_bytes));
}

}  // namespace

ParsedProxyHeader ParseProxyHeader(std::string_view bytes) {
  return bytes.starts_with(kSignature.front()) ? ParseVersion2(bytes) : ParseVersion1(bytes);
}

}  // namespace esockets::server
