// Every limit of HTTP: name, unit, default, reason. Whoever asks here reads a page of numbers, or
// changes the protocol: what is larger, longer or slower than that is a mistake or an attack.
#ifndef SERVER_HTTP_LIMITS_H_
#define SERVER_HTTP_LIMITS_H_

#include <cstddef>

#include "base/clock.h"

namespace esockets::http {

struct Limits {
  // --- one request
  // Request line and fields. What browsers and curl send is below 1 KiB.
  size_t head_bytes_max = 8 << 10;
  // The longest message that is asked with is a few hundred bytes of JSON.
  size_t body_bytes_max = 64 << 10;

  // --- waiting
  // From a connection's first moment, or a request's first byte, to its last: whoever sends a byte
  // now and then holds a connection no longer than that.
  base::Duration request_timeout = std::chrono::seconds(10);
  // Between two requests. Longer than the minute after which Prometheus asks again by default.
  base::Duration idle_timeout = std::chrono::seconds(75);
  // For the broker's loops: one that takes longer is in trouble, and somebody wants to know.
  base::Duration answer_timeout = std::chrono::seconds(5);
  // For the peer, to take an answer that the kernel does not hold.
  base::Duration send_timeout = std::chrono::seconds(30);

  // --- all connections
  // A few scrapers, dashboards and people.
  size_t connections_max = 64;
};

}  // namespace esockets::http

#endif  // SERVER_HTTP_LIMITS_H_
