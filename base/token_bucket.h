// A rate limit with a burst: a bucket that fills at a rate, and out of which tokens are taken for
// messages, bytes or whatever is counted.
#ifndef BASE_TOKEN_BUCKET_H_
#define BASE_TOKEN_BUCKET_H_

#include <algorithm>
#include <cstdint>
#include <limits>

#include "base/check.h"
#include "base/clock.h"

namespace esockets::base {

// Of a class of buckets; it may change under them.
struct TokenRate {
  static constexpr uint64_t kMax = 10'000'000'000;

  // A second's worth may come at once.
  static constexpr TokenRate PerSecond(uint64_t tokens) {
    return {.tokens_per_second = tokens, .burst_tokens = tokens};
  }

  // Both from 1 to kMax.
  uint64_t tokens_per_second = 0;
  // That a full bucket holds: what comes between two questions beyond that is lost.
  uint64_t burst_tokens = 0;
};

// Full at first. Exact: in a nanosecond as many billionths of a token come as tokens in a second,
// and they are what is counted.
//
// The rate is the one of the question: it holds for the time since tokens were last taken. Under
// another burst what is missing stays the same. Time that goes backwards stands still.
//
// Thread: one at a time. REQUIRES: rates within their limits.
class TokenBucket {
 public:
  // More than a burst is allowed by a full bucket.
  bool Allows(uint64_t tokens, const TokenRate& rate, TimePoint now) const {
    return MissingAt(now, rate) <= MayMiss(tokens, rate);
  }

  // Tokens that it holds, whole ones.
  uint64_t Held(const TokenRate& rate, TimePoint now) const {
    const uint64_t full = rate.burst_tokens * kParts, missing = MissingAt(now, rate);
    return missing >= full ? 0 : (full - missing) / kParts;
  }

  // Takes them, allowed or not: what the bucket does not hold becomes a debt, which fills up first.
  // Of a debt at least 8 * 10^9 tokens are remembered.
  void Take(uint64_t tokens, const TokenRate& rate, TimePoint now) {
    const uint64_t missing = MissingAt(now, rate);
    since_ = missing == 0 ? now : std::max(now, since_);
    const uint64_t room = std::numeric_limits<uint64_t>::max() - missing;
    missing_ = missing + (tokens > room / kParts ? room : tokens * kParts);
  }

  // Until Allows; 0 if it does, Duration::max() if it does so in 292 years or later.
  Duration TimeUntil(uint64_t tokens, const TokenRate& rate, TimePoint now) const {
    const uint64_t missing = MissingAt(now, rate);
    const uint64_t may_miss = MayMiss(tokens, rate);
    if (missing <= may_miss) return Duration::zero();
    const uint64_t nanos = (missing - may_miss - 1) / rate.tokens_per_second + 1;
    return Duration(std::min<uint64_t>(nanos, std::numeric_limits<int64_t>::max()));
  }

 private:
  static constexpr uint64_t kParts = 1'000'000'000;  // of a token
  static_assert(TokenRate::kMax <= std::numeric_limits<uint64_t>::max() / kParts);

  // The parts that may be missing for `tokens` to be allowed.
  static uint64_t MayMiss(uint64_t tokens, const TokenRate& rate) {
    ESOCKETS_CHECK(rate.burst_tokens >= 1 && rate.burst_tokens <= TokenRate::kMax);
    return (rate.burst_tokens - std::min(tokens, rate.burst_tokens)) * kParts;
  }

  uint64_t MissingAt(TimePoint now, const TokenRate& rate) const {
    const uint64_t per_nano = rate.tokens_per_second;
    ESOCKETS_CHECK(per_nano >= 1 && per_nano <= TokenRate::kMax);
    if (missing_ == 0 || now <= since_) return missing_;
    // Two moments may be further apart than a Duration reaches.
    const uint64_t nanos = static_cast<uint64_t>(now.time_since_epoch().count()) -
                           static_cast<uint64_t>(since_.time_since_epoch().count());
    return nanos > missing_ / per_nano ? 0 : missing_ - nanos * per_nano;
  }

  uint64_t missing_ = 0;  // parts, at `since_`; above the burst it is a debt
  TimePoint since_{};     // means nothing while nothing is missing
};

static_assert(sizeof(TokenBucket) == 16, "one of each kind for each client");

}  // namespace esockets::base

#endif  // BASE_TOKEN_BUCKET_H_
