// A rate that may be limited, and how much of it is used: a token bucket of a second's worth.
#ifndef BASE_RATE_LIMIT_H_
#define BASE_RATE_LIMIT_H_

#include <cstdint>
#include <limits>

#include "base/clock.h"
#include "base/token_bucket.h"

namespace esockets::base {

// As of TokenBucket; `per_second` 0: there is no limit, and all is allowed. Thread: one at a time.
class RateLimit {
 public:
  bool Allows(uint64_t tokens, uint64_t per_second, TimePoint now) const {
    return per_second == 0 || bucket_.Allows(tokens, TokenRate::PerSecond(per_second), now);
  }
  uint64_t Held(uint64_t per_second, TimePoint now) const {
    return per_second == 0 ? std::numeric_limits<uint64_t>::max()
                           : bucket_.Held(TokenRate::PerSecond(per_second), now);
  }
  // Of a second's worth, that is not there again yet; without a limit nothing is counted.
  uint64_t Used(uint64_t per_second, TimePoint now) const {
    return per_second == 0 ? 0 : per_second - Held(per_second, now);
  }
  void Take(uint64_t tokens, uint64_t per_second, TimePoint now) {
    if (per_second != 0) bucket_.Take(tokens, TokenRate::PerSecond(per_second), now);
  }
  Duration TimeUntil(uint64_t tokens, uint64_t per_second, TimePoint now) const {
    return per_second == 0 ? Duration::zero()
                           : bucket_.TimeUntil(tokens, TokenRate::PerSecond(per_second), now);
  }

 private:
  TokenBucket bucket_;
};

}  // namespace esockets::base

#endif  // BASE_RATE_LIMIT_H_
