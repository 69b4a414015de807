#include "server/socket_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/check.h"
#include "base/strings.h"

namespace esockets::server {
namespace {

constexpr size_t kUnixPathBytesMax = sizeof(sockaddr_un{}.sun_path) - 1;

absl::Status Invalid(std::string_view text, std::string_view why) {
  return base::Error(absl::StatusCode::kInvalidArgument, "address \"", text, "\": ", why);
}

bool ParsePort(std::string_view text, uint16_t* port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *port);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

absl::StatusOr<SocketAddress> SocketAddress::Parse(std::string_view text) {
  SocketAddress address;
  if (text.starts_with("unix:")) {
    address.endpoint_.family = Family::kUnix;
    address.path_ = text.substr(5);
    if (address.path_.empty()) return Invalid(text, "a path must follow \"unix:\"");
    if (address.path_.size() > kUnixPathBytesMax) {
      return Invalid(text, "the path is longer than 107 bytes");
    }
    return address;
  }
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return Invalid(text, "no port; write HOST:PORT");
  if (!ParsePort(text.substr(colon + 1), &address.endpoint_.port)) {
    return Invalid(text, "the port must be a number from 0 to 65535");
  }
  std::string_view host = text.substr(0, colon);
  const uint16_t port = address.endpoint_.port;
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    const auto ip = FromIpText(Family::kIpv6, host.substr(1, host.size() - 2), port);
    if (ip) return *ip;
    return Invalid(text, "not an IPv6 address in the brackets");
  }
  if (host == "localhost") host = "127.0.0.1";
  if (const auto ip = FromIpText(Family::kIpv4, host, port)) return *ip;
  return Invalid(text, "write an IPv4 address, an IPv6 address in [brackets], or localhost");
}

SocketAddress SocketAddress::FromKernel(const sockaddr_storage& storage) {
  SocketAddress address;
  if (storage.ss_family == AF_INET) {
    sockaddr_in ip{};
    std::memcpy(&ip, &storage, sizeof ip);
    address.endpoint_.family = Family::kIpv4;
    address.endpoint_.port = ntohs(ip.sin_port);
    std::memcpy(address.endpoint_.ip.data(), &ip.sin_addr, 4);
  } else if (storage.ss_family == AF_INET6) {
    sockaddr_in6 ip{};
    std::memcpy(&ip, &storage, sizeof ip);
    address.endpoint_.family = Family::kIpv6;
    address.endpoint_.port = ntohs(ip.sin6_port);
    std::memcpy(address.endpoint_.ip.data(), &ip.sin6_addr, 16);
  } else if (storage.ss_family == AF_UNIX) {
    address.endpoint_.family = Family::kUnix;
  }
  return address;
}

SocketAddress SocketAddress::FromIp(std::span<const uint8_t, 4> ip, uint16_t port) {
  Endpoint endpoint{.port = port, .family = Family::kIpv4};
  std::ranges::copy(ip, endpoint.ip.begin());
  return SocketAddress(endpoint);
}

SocketAddress SocketAddress::FromIp(std::span<const uint8_t, 16> ip, uint16_t port) {
  Endpoint endpoint{.port = port, .family = Family::kIpv6};
  std::ranges::copy(ip, endpoint.ip.begin());
  return SocketAddress(endpoint);
}

std::optional<SocketAddress> SocketAddress::FromIpText(Family family, std::string_view text,
                                                       uint16_t port) {
  char terminated[INET6_ADDRSTRLEN] = "";
  // inet_pton would stop at a NUL, whatever follows it.
  if (text.size() >= sizeof terminated || text.find('\0') != std::string_view::npos) return {};
  std::ranges::copy(text, terminated);
  Endpoint endpoint{.port = port, .family = family};
  const int kernel_family = family == Family::kIpv4 ? AF_INET : AF_INET6;
  if (::inet_pton(kernel_family, terminated, endpoint.ip.data()) != 1) return {};
  return SocketAddress(endpoint);
}

SocketAddress SocketAddress::FromUnixPath(std::string_view path) {
  ESOCKETS_CHECK(path.size() <= kUnixPathBytesMax);
  SocketAddress address(Endpoint{.family = Family::kUnix});
  address.path_ = path;
  return address;
}

socklen_t SocketAddress::ToKernel(sockaddr_storage* storage) const {
  *storage = {};
  if (endpoint_.family == Family::kIpv4) {
    sockaddr_in ip{
        .sin_family = AF_INET, .sin_port = htons(endpoint_.port), .sin_addr = {}, .sin_zero = {}};
    std::memcpy(&ip.sin_addr, endpoint_.ip.data(), 4);
    std::memcpy(storage, &ip, sizeof ip);
    return sizeof ip;
  }
  if (endpoint_.family == Family::kIpv6) {
    sockaddr_in6 ip{};
    ip.sin6_family = AF_INET6;
    ip.sin6_port = htons(endpoint_.port);
    std::memcpy(&ip.sin6_addr, endpoint_.ip.data(), 16);
    std::memcpy(storage, &ip, sizeof ip);
    return sizeof ip;
  }
  sockaddr_un un{};
  un.sun_family = AF_UNIX;
  std::memcpy(un.sun_path, path_.data(), path_.size());
  std::memcpy(storage, &un, sizeof un);
  return sizeof un;
}

std::string SocketAddress::ToString() const {
  char text[INET6_ADDRSTRLEN] = "";
  switch (endpoint_.family) {
    case Family::kIpv4:
      ::inet_ntop(AF_INET, endpoint_.ip.data(), text, sizeof text);
      return base::StrCat(text, ":", endpoint_.port);
    case Family::kIpv6:
      ::inet_ntop(AF_INET6, endpoint_.ip.data(), text, sizeof text);
      return base::StrCat("[", text, "]:", endpoint_.port);
    case Family::kUnix:
      return base::StrCat("unix:", path_);
    case Family::kUnknown:
      break;
  }
  return "unknown";
}

bool SocketAddress::IsLoopback() const {
  switch (endpoint_.family) {
    case Family::kIpv4:
      return endpoint_.ip[0] == 127;
    case Family::kIpv6: {
      std::array<uint8_t, 16> loopback{};
      loopback[15] = 1;
      return endpoint_.ip == loopback;
    }
    case Family::kUnix:
      return true;
    case Family::kUnknown:
      break;
  }
  return false;
}

SocketAddress SocketAddress::Unmapped() const {
  static constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const std::span<const uint8_t, 16> ip(endpoint_.ip);
  if (family() != Family::kIpv6 || !std::ranges::equal(ip.first<12>(), kMapped)) return *this;
  return FromIp(ip.last<4>(), port());
}

}  // namespace esockets::server
