// Where a broker is, as people write it.
#ifndef CLIENTS_CPP_BROKER_ADDRESS_H_
#define CLIENTS_CPP_BROKER_ADDRESS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/socket_address.h"

namespace esockets::client {

class BrokerAddress {
 public:
  // "HOST:PORT", "[IPV6]:PORT", "unix:/path"; "tls://" in front of the first two. HOST is an IPv4
  // address or a name. Errors: kInvalidArgument with what is wrong.
  static absl::StatusOr<BrokerAddress> Parse(std::string_view text);

  bool tls() const { return tls_; }
  // A name, or an address without brackets; empty: a UNIX socket.
  const std::string& host() const { return host_; }

  // A name is looked up, which may take as long as the system's resolver wants: each time, and
  // among several addresses each gets its turn. Errors: kUnavailable.
  absl::StatusOr<server::SocketAddress> Resolve();

 private:
  absl::StatusOr<server::SocketAddress> LookUp();

  bool tls_ = false;
  std::string host_;
  std::string port_;
  std::optional<server::SocketAddress> address_;  // nothing: host_ is a name
  size_t lookups_ = 0;
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_BROKER_ADDRESS_H_
