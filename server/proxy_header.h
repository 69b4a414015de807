// The header in which a proxy says for whom it connects: the PROXY protocol, versions 1 and 2, as
// HAProxy's proxy-protocol.txt (of 2020/03/05) has it; the sections named here are of that
// document. No socket here: bytes in, an answer out. Whose headers are believed is for the caller
// to know (sections 2 and 5; server/trusted_addresses).
#ifndef SERVER_PROXY_HEADER_H_
#define SERVER_PROXY_HEADER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "server/socket_address.h"

namespace esockets::server {

struct ProxyHeader {
  enum class Command : uint8_t {
    kLocal,  // the proxy speaks for itself: a health check, for example
    kProxy,  // it speaks for `source`
  };

  uint8_t version = 0;  // 1 or 2
  Command command = Command::kProxy;
  size_t bytes = 0;  // that it occupies; the connection's own begin behind them
  // The client, and what it connected to; an IPv4-mapped IPv6 address stays one. Both kUnknown
  // where the proxy does not say (LOCAL, UNKNOWN, UNSPEC): then the socket's own addresses hold.
  SocketAddress source;
  SocketAddress destination;
};

enum class ProxyHeaderStatus : uint8_t { kIncomplete, kHeader, kMalformed };

struct ParsedProxyHeader {
  ProxyHeaderStatus status = ProxyHeaderStatus::kIncomplete;
  ProxyHeader header;           // of kHeader
  std::string_view error = {};  // of kMalformed: what is wrong, for people; it outlives everything
};

// What `bytes`, all that have come over a connection so far, begin with. More bytes change the
// answer kIncomplete alone, and not later than with kProxyHeaderBytesMax of them.
//
// Malformed is at once what differs from both headers in a byte that can be one only; an address, a
// port, and what version 2 has behind its length, when it is there. Strictly: section 2.1 to the
// letter, but for IPv6 addresses, which are what inet_pton takes; of section 2.2 TCP and UNIX
// streams alone, TLVs that fill the header exactly, and a checksum (2.2.3), if there is one, that
// fits. What no address is taken of (LOCAL, UNKNOWN, UNSPEC) is skipped unseen, as the document
// wants it.
ParsedProxyHeader ParseProxyHeader(std::string_view bytes);

}  // namespace esockets::server

#endif  // SERVER_PROXY_HEADER_H_
