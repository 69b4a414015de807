// How fast one client may send, and is sent to. Who sends faster is not read from for a while; for
// who would be sent to faster, messages wait as for a client that is behind.
#ifndef BROKER_CLIENT_RATES_H_
#define BROKER_CLIENT_RATES_H_

#include <algorithm>
#include <cstdint>

#include "base/clock.h"
#include "base/rate_limit.h"

namespace esockets::broker {

// 0: no limit.
struct ClientRates {
  uint32_t messages_in_per_second_max = 0;  // commands of any kind
  uint64_t bytes_in_per_second_max = 0;     // as they cross the socket
  // Deliveries, in frames of the native protocol. Answers are not paced.
  uint32_t messages_out_per_second_max = 0;
  uint64_t bytes_out_per_second_max = 0;

  bool any_in() const { return messages_in_per_second_max != 0 || bytes_in_per_second_max != 0; }
  bool any_out() const { return messages_out_per_second_max != 0 || bytes_out_per_second_max != 0; }
};

struct RatesUsed {
  uint64_t messages = 0;
  uint64_t bytes = 0;
};

// What one client sends. A second's worth may come at once; what was read beyond that is a debt.
// Thread: the loop.
class InputPace {
 public:
  // `bytes_in_total`: what came before does not count.
  explicit InputPace(uint64_t bytes_in_total) : bytes_in_total_(bytes_in_total) {}

  // So many messages have come, and so many bytes in all. Returns how long nothing is to be read.
  base::Duration Take(uint64_t messages, uint64_t bytes_in_total, const ClientRates& rates,
                      base::TimePoint now) {
    messages_.Take(messages, rates.messages_in_per_second_max, now);
    bytes_.Take(bytes_in_total - bytes_in_total_, rates.bytes_in_per_second_max, now);
    bytes_in_total_ = bytes_in_total;
    return std::max(messages_.TimeUntil(1, rates.messages_in_per_second_max, now),
                    bytes_.TimeUntil(1, rates.bytes_in_per_second_max, now));
  }

  // As of RateLimit::Used.
  RatesUsed Used(const ClientRates& rates, base::TimePoint now) const {
    return {.messages = messages_.Used(rates.messages_in_per_second_max, now),
            .bytes = bytes_.Used(rates.bytes_in_per_second_max, now)};
  }

  // It is being waited for.
  bool waits() const { return waits_; }
  void set_waits(bool waits) { waits_ = waits; }

 private:
  base::RateLimit messages_;
  base::RateLimit bytes_;
  uint64_t bytes_in_total_;
  bool waits_ = false;
};

// What one client is sent. A second's worth may go at once. Thread: the loop.
class OutputPace {
 public:
  // A frame, or frames read together, larger than a second's worth go when nothing is missing.
  bool Allows(uint64_t messages, uint64_t bytes, const ClientRates& rates,
              base::TimePoint now) const {
    return messages_.Allows(messages, rates.messages_out_per_second_max, now) &&
           bytes_.Allows(bytes, rates.bytes_out_per_second_max, now);
  }
  // All of these, although they are not one frame?
  bool AllowsEach(uint64_t messages, uint64_t bytes, const ClientRates& rates,
                  base::TimePoint now) const {
    return messages <= messages_.Held(rates.messages_out_per_second_max, now) &&
           bytes <= bytes_.Held(rates.bytes_out_per_second_max, now);
  }
  // Messages that may go now.
  uint64_t Messages(const ClientRates& rates, base::TimePoint now) const {
    return messages_.Held(rates.messages_out_per_second_max, now);
  }
  void Take(uint64_t messages, uint64_t bytes, const ClientRates& rates, base::TimePoint now) {
    messages_.Take(messages, rates.messages_out_per_second_max, now);
    bytes_.Take(bytes, rates.bytes_out_per_second_max, now);
  }
  // Until a message of so many bytes may go.
  base::Duration TimeUntil(uint64_t bytes, const ClientRates& rates, base::TimePoint now) const {
    return std::max(messages_.TimeUntil(1, rates.messages_out_per_second_max, now),
                    bytes_.TimeUntil(bytes, rates.bytes_out_per_second_max, now));
  }

  // As of RateLimit::Used.
  RatesUsed Used(const ClientRates& rates, base::TimePoint now) const {
    return {.messages = messages_.Used(rates.messages_out_per_second_max, now),
            .bytes = bytes_.Used(rates.bytes_out_per_second_max, now)};
  }

  // It is being waited for.
  bool waits() const { return waits_; }
  void set_waits(bool waits) { waits_ = waits; }

 private:
  base::RateLimit messages_;
  base::RateLimit bytes_;
  bool waits_ = false;
};

}  // namespace esockets::broker

#endif  // BROKER_CLIENT_RATES_H_
