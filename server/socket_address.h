// Where a socket listens or a peer comes from: IPv4, IPv6 or a UNIX socket's path.
#ifndef SERVER_SOCKET_ADDRESS_H_
#define SERVER_SOCKET_ADDRESS_H_

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace esockets::server {

class SocketAddress {
 public:
  enum class Family : uint8_t { kUnknown, kIpv4, kIpv6, kUnix };

  SocketAddress() = default;

  // "127.0.0.1:1234", "[::1]:1234", "unix:/path", "localhost:1234". No names are looked up but
  // localhost. Errors: kInvalidArgument with what is wrong.
  static absl::StatusOr<SocketAddress> Parse(std::string_view text);

  // As the kernel gave it. The path of a UNIX socket is not kept.
  static SocketAddress FromKernel(const sockaddr_storage& address);

  // For bind and connect.
  socklen_t ToKernel(sockaddr_storage* address) const;

  std::string ToString() const;

  Family family() const { return family_; }
  uint16_t port() const { return port_; }
  void set_port(uint16_t port) { port_ = port; }
  const std::string& path() const { return path_; }
  // 127.0.0.0/8, ::1, or a UNIX socket.
  bool IsLoopback() const;

 private:
  Family family_ = Family::kUnknown;
  uint16_t port_ = 0;
  std::array<uint8_t, 16> ip_{};  // network order; IPv4 in the first four
  std::string path_;              // of a UNIX socket
};

}  // namespace esockets::server

#endif  // SERVER_SOCKET_ADDRESS_H_
