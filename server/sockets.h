// Sockets made ready for a loop: non-blocking, with the options that every connection of ours has.
#ifndef SERVER_SOCKETS_H_
#define SERVER_SOCKETS_H_

#include "absl/status/statusor.h"
#include "server/limits.h"
#include "server/socket_address.h"
#include "server/unique_fd.h"

namespace esockets::server {

struct SocketTuning {
  int not_sent_low_at_bytes = kNotSentLowAtBytes;  // TCP_NOTSENT_LOWAT
  int keep_alive_idle_seconds = kTcpKeepAliveIdleSeconds;
  int keep_alive_interval_seconds = kTcpKeepAliveIntervalSeconds;
  int user_timeout_millis = kTcpUserTimeoutMillis;
};

// Bound and listening; accepted sockets inherit the tuning. A UNIX socket's file that nobody
// listens on any more is replaced. Errors: kUnavailable with address, reason and what to do.
absl::StatusOr<UniqueFd> ListenOn(const SocketAddress& address, int backlog,
                                  const SocketTuning& tuning);

// A connection under way: when the socket becomes writable, ConnectError tells how it went.
// Errors: kUnavailable.
absl::StatusOr<UniqueFd> StartConnect(const SocketAddress& address, const SocketTuning& tuning);

// Error number of a finished connect; 0: connected.
int ConnectError(int fd);

// Where the socket is bound: port 0 has become a number.
SocketAddress LocalAddress(int fd, const SocketAddress& asked);

// Raises the limit of open descriptors to the hard limit; returns the limit in force.
size_t RaiseDescriptorLimit();

}  // namespace esockets::server

#endif  // SERVER_SOCKETS_H_
