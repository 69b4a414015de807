// What the kernel knows of a connection's way to its peer.
#ifndef SERVER_NETWORK_STATE_H_
#define SERVER_NETWORK_STATE_H_

#include <cstdint>

#include "base/clock.h"

namespace esockets::server {

struct NetworkState {
  bool writable = false;  // the kernel would take more at this moment
  // The rest of TCP alone (TCP_INFO); of others it is zero. Times and counts since the beginning.
  bool is_tcp = false;
  base::Duration busy{};                    // there was something to send, or to be acknowledged
  base::Duration receive_window_limited{};  // of that: kept by the peer's receive window
  uint64_t acked_bytes = 0;
  uint64_t segments = 0;     // sent, with those that were sent again
  uint64_t retransmits = 0;  // of these; but for those that the peer says it had already (D-SACK)
  base::Duration rtt{};      // smoothed
  base::Duration rtt_min{};  // of the last minutes
};

// Zero of a descriptor that is no socket. Two system calls.
NetworkState NetworkStateOf(int fd);

// Bytes that the kernel holds and the peer has not acknowledged (SIOCOUTQ).
uint64_t KernelUnackedBytes(int fd);
// ... that it has not sent yet (SIOCOUTQNSD; UNIX sockets: what is not read yet).
uint64_t KernelUnsentBytes(int fd);

}  // namespace esockets::server

#endif  // SERVER_NETWORK_STATE_H_
