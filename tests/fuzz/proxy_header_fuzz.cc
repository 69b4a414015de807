// A proxy's header is read the same however its bytes are cut, within its limit, and is what it
// says it is.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/strings.h"
#include "server/limits.h"
#include "server/proxy_header.h"
#include "server/socket_address.h"
#include "tests/fuzz/expect.h"

namespace {

using esockets::base::StrCat;
using esockets::server::kProxyHeaderBytesMax;
using esockets::server::ParsedProxyHeader;
using esockets::server::ParseProxyHeader;
using esockets::server::ProxyHeader;
using esockets::server::SocketAddress;
using esockets::tests::Expect;
using Family = SocketAddress::Family;
using Status = esockets::server::ProxyHeaderStatus;

// A buffer of its own: what is read behind its end is found.
ParsedProxyHeader Parse(std::string_view bytes) {
  const auto copy = std::make_unique<char[]>(bytes.size());
  bytes.copy(copy.get(), bytes.size());
  return ParseProxyHeader({copy.get(), bytes.size()});
}

bool Same(const ParsedProxyHeader& a, const ParsedProxyHeader& b) {
  return a.status == b.status && a.error == b.error && a.header.version == b.header.version &&
         a.header.command == b.header.command && a.header.bytes == b.header.bytes &&
         a.header.source.ToString() == b.header.source.ToString() &&
         a.header.destination.ToString() == b.header.destination.ToString();
}

// "192.0.2.7" of 192.0.2.7:80.
std::string IpText(const SocketAddress& address) {
  const std::string text = address.ToString();
  return text.substr(0, text.rfind(':'));
}

void CheckHeader(std::string_view bytes, const ProxyHeader& header) {
  Expect(header.bytes <= std::min(bytes.size(), kProxyHeaderBytesMax), "longer than it may be");
  Expect(header.source.family() == header.destination.family(), "ends of two families");
  const Family family = header.source.family();
  const bool is_local = header.command == ProxyHeader::Command::kLocal;
  Expect(!is_local || family == Family::kUnknown, "a proxy that speaks for itself names another");
  const std::string_view text = bytes.substr(0, header.bytes);
  if (header.version == 2) {
    const size_t length = static_cast<uint8_t>(text[14]) << 8 | static_cast<uint8_t>(text[15]);
    Expect(header.bytes == 16 + length, "not as long as it says");
    return;
  }
  Expect(header.version == 1 && !is_local && family != Family::kUnix, "not of version 1");
  Expect(text.size() <= 107 && text.find_first_of("\r\n") + 2 == text.size(), "not one line");
  if (family != Family::kIpv4) return;
  // There is one way to write it.
  Expect(text == StrCat("PROXY TCP4 ", IpText(header.source), " ", IpText(header.destination), " ",
                        header.source.port(), " ", header.destination.port(), "\r\n"),
         "not what is written there");
}

void CheckMalformed(const ParsedProxyHeader& parsed) {
  Expect(parsed.header.bytes == 0 && parsed.header.source.family() == Family::kUnknown,
         "something is taken of what is malformed");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const ParsedProxyHeader whole = Parse(bytes);
  Expect(whole.error.empty() == (whole.status != Status::kMalformed), "refused without a reason");
  if (whole.status == Status::kHeader) CheckHeader(bytes, whole.header);
  if (whole.status == Status::kMalformed) CheckMalformed(whole);

  bool decided = false;
  for (size_t cut = 0; cut <= std::min(size, kProxyHeaderBytesMax); ++cut) {
    const ParsedProxyHeader parsed = Parse(bytes.substr(0, cut));
    Expect(!decided || parsed.status != Status::kIncomplete, "more bytes made it undecided");
    decided = parsed.status != Status::kIncomplete;
    if (decided) Expect(Same(parsed, whole), "more bytes changed what it is");
    Expect(parsed.status != Status::kHeader || cut >= parsed.header.bytes, "found too early");
    Expect(decided || whole.status != Status::kHeader || cut < whole.header.bytes,
           "found too late");
  }
  Expect(decided || size < kProxyHeaderBytesMax, "undecided although no more may come");
  return 0;
}
