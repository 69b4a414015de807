// Peers that are believed what they say of others: the proxies in front of us.
#ifndef SERVER_TRUSTED_ADDRESSES_H_
#define SERVER_TRUSTED_ADDRESSES_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/socket_address.h"

namespace esockets::server {

// Thread: any, as long as nobody adds.
class TrustedAddresses {
 public:
  // Networks in CIDR notation (RFC 4632, section 3.1; RFC 4291, section 2.3), single addresses, and
  // "unix" for all UNIX sockets: "10.0.0.0/8", "192.0.2.7", "2001:db8::/32". Errors:
  // kInvalidArgument with what is wrong, of the first that is.
  static absl::StatusOr<TrustedAddresses> Parse(const std::vector<std::string>& networks);

  // Adds one of them.
  absl::Status Add(std::string_view network);

  // Nobody is, of none. An IPv4-mapped IPv6 address counts as its IPv4 address, here and in Add: it
  // is not in "::/0", but in "0.0.0.0/0".
  bool Contains(const SocketAddress& peer) const;

  bool empty() const { return networks_.empty() && !unix_sockets_; }

 private:
  struct Network {
    SocketAddress::Endpoint first;  // whose port is 0
    uint8_t prefix_bits;
  };

  std::vector<Network> networks_;
  bool unix_sockets_ = false;
};

}  // namespace esockets::server

#endif  // SERVER_TRUSTED_ADDRESSES_H_
