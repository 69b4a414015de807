// What the transport knows of the way to a client: the evidence for who is slow.
#ifndef BROKER_NETWORK_SAMPLE_H_
#define BROKER_NETWORK_SAMPLE_H_

#include <cstdint>

#include "base/clock.h"

namespace esockets::broker {

struct NetworkSample {
  bool writable = false;  // it would take more at this moment
  // A transport that is no TCP knows nothing of the rest. Times and counts since the beginning.
  bool known = false;
  base::Duration busy{};                    // there was something to send, or to be acknowledged
  base::Duration receive_window_limited{};  // of that: kept by the client's receive window
  uint64_t acked_bytes = 0;
  uint64_t segments = 0;     // sent, with those that were sent again
  uint64_t retransmits = 0;  // of these; fewer when some turn out to have been needless
  base::Duration rtt{};
  base::Duration rtt_min{};
};

}  // namespace esockets::broker

#endif  // BROKER_NETWORK_SAMPLE_H_
