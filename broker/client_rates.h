// How fast one client may send. Nothing is lost: who is faster is not read from for a while.
#ifndef BROKER_CLIENT_RATES_H_
#define BROKER_CLIENT_RATES_H_

#include <algorithm>
#include <cstdint>

#include "base/clock.h"
#include "base/token_bucket.h"

namespace esockets::broker {

// 0: no limit.
struct ClientRates {
  uint32_t messages_in_per_second_max = 0;  // commands of any kind
  uint64_t bytes_in_per_second_max = 0;     // as they cross the socket

  bool any() const { return messages_in_per_second_max != 0 || bytes_in_per_second_max != 0; }
};

// Of one client. A second's worth may come at once; what was read beyond that is a debt. Thread:
// the loop.
class InputPace {
 public:
  // `bytes_in_total`: what came before does not count.
  explicit InputPace(uint64_t bytes_in_total) : bytes_in_total_(bytes_in_total) {}

  // So many messages have come, and so many bytes in all. Returns how long nothing is to be read.
  base::Duration Take(uint64_t messages, uint64_t bytes_in_total, const ClientRates& rates,
                      base::TimePoint now) {
    const uint64_t bytes = bytes_in_total - bytes_in_total_;
    bytes_in_total_ = bytes_in_total;
    return std::max(Take(messages, rates.messages_in_per_second_max, now, &messages_),
                    Take(bytes, rates.bytes_in_per_second_max, now, &bytes_));
  }

  // It is being waited for.
  bool waits() const { return waits_; }
  void set_waits(bool waits) { waits_ = waits; }

 private:
  static base::Duration Take(uint64_t tokens, uint64_t per_second, base::TimePoint now,
                             base::TokenBucket* bucket) {
    if (per_second == 0) return base::Duration::zero();
    const auto rate = base::TokenRate::PerSecond(per_second);
    bucket->Take(tokens, rate, now);
    return bucket->TimeUntil(1, rate, now);
  }

  base::TokenBucket messages_;
  base::TokenBucket bytes_;
  uint64_t bytes_in_total_;
  bool waits_ = false;
};

}  // namespace esockets::broker

#endif  // BROKER_CLIENT_RATES_H_
