// Where a socket listens or a peer comes from: IPv4, IPv6 or a UNIX socket's path.
#ifndef SERVER_SOCKET_ADDRESS_H_
#define SERVER_SOCKET_ADDRESS_H_

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace esockets::server {

class SocketAddress {
 public:
  enum class Family : uint8_t { kUnknown, kIpv4, kIpv6, kUnix };

  // All but the path of a UNIX socket: small, for objects of which there are many.
  struct Endpoint {
    std::array<uint8_t, 16> ip{};  // network order; IPv4 in the first four
    uint16_t port = 0;
    Family family = Family::kUnknown;
  };

  SocketAddress() = default;
  explicit SocketAddress(const Endpoint& endpoint) : endpoint_(endpoint) {}

  // "127.0.0.1:1234", "[::1]:1234", "unix:/path", "localhost:1234". No names are looked up but
  // localhost. Errors: kInvalidArgument with what is wrong.
  static absl::StatusOr<SocketAddress> Parse(std::string_view text);

  // As the kernel gave it. The path of a UNIX socket is not kept.
  static SocketAddress FromKernel(const sockaddr_storage& address);

  // Of an in_addr or in6_addr: bytes in network order.
  static SocketAddress FromIp(std::span<const uint8_t, 4> ip, uint16_t port);
  static SocketAddress FromIp(std::span<const uint8_t, 16> ip, uint16_t port);

  // "192.0.2.7" or "2001:db8::5", without brackets, zeros in front (of IPv4) or a zone. Nothing if
  // `text` is no address of that family. REQUIRES: IPv4 or IPv6.
  static std::optional<SocketAddress> FromIpText(Family family, std::string_view text,
                                                 uint16_t port);

  // Empty: a socket without a name. REQUIRES: at most 107 bytes.
  static SocketAddress FromUnixPath(std::string_view path);

  // For bind and connect.
  socklen_t ToKernel(sockaddr_storage* address) const;

  std::string ToString() const;

  const Endpoint& endpoint() const { return endpoint_; }
  Family family() const { return endpoint_.family; }
  uint16_t port() const { return endpoint_.port; }
  void set_port(uint16_t port) { endpoint_.port = port; }
  const std::string& path() const { return path_; }
  // 127.0.0.0/8, ::1, or a UNIX socket.
  bool IsLoopback() const;
  // The IPv4 address of an IPv4-mapped IPv6 one (::ffff:192.0.2.7), which is how a socket that
  // listens on [::] sees its IPv4 peers; any other as it is.
  SocketAddress Unmapped() const;

 private:
  Endpoint endpoint_;
  std::string path_;  // of a UNIX socket
};

}  // namespace esockets::server

#endif  // SERVER_SOCKET_ADDRESS_H_
