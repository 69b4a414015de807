// Clients that connect, and as soon as the broker has let them in, are replaced by new ones.
#ifndef BENCH_LOAD_RECONNECTING_H_
#define BENCH_LOAD_RECONNECTING_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "bench/load/fleet.h"

namespace esockets::load {

class Reconnecting {
 public:
  // All links of the fleet are of this.
  explicit Reconnecting(Fleet* fleet) : fleet_(*fleet) {}

  // So many are on their way at any time.
  absl::Status Start(size_t clients);

  // Waits for events, at most a millisecond, and handles them. Returns how many are in or were.
  uint64_t Turn();
  // Of them, those whose handshake was a short one.
  uint64_t resumed() const { return resumed_; }

  // Why it is over: the broker has closed connections, or there are no more of them.
  const absl::Status& status() const { return status_; }

 private:
  Fleet& fleet_;
  uint64_t connected_ = 0;
  uint64_t resumed_ = 0;
  absl::Status status_;
};

}  // namespace esockets::load

#endif  // BENCH_LOAD_RECONNECTING_H_
