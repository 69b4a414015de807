#include "base/token_bucket.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <random>

#include "base/clock.h"
#include "gtest/gtest.h"

namespace esockets::base {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr TimePoint kStart{seconds(1000)};

TEST(TokenBucket, AllowsABurstAndThenTheRate) {
  const TokenRate rate{.tokens_per_second = 10, .burst_tokens = 3};
  TokenBucket bucket;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(bucket.Allows(1, rate, kStart));
    bucket.Take(1, rate, kStart);
  }
  EXPECT_FALSE(bucket.Allows(1, rate, kStart));
  EXPECT_TRUE(bucket.Allows(0, rate, kStart));
  EXPECT_EQ(bucket.TimeUntil(1, rate, kStart), milliseconds(100));
  EXPECT_EQ(bucket.TimeUntil(3, rate, kStart), milliseconds(300));

  const TimePoint later = kStart + milliseconds(100);
  EXPECT_FALSE(bucket.Allows(1, rate, later - nanoseconds(1)));
  EXPECT_EQ(bucket.TimeUntil(1, rate, later - nanoseconds(1)), nanoseconds(1));
  EXPECT_TRUE(bucket.Allows(1, rate, later));
  EXPECT_EQ(bucket.TimeUntil(1, rate, later), nanoseconds(0));
  EXPECT_FALSE(bucket.Allows(2, rate, later));
}

TEST(TokenRate, ASecondsWorthMayComeAtOnce) {
  constexpr TokenRate kRate = TokenRate::PerSecond(7);
  EXPECT_EQ(kRate.tokens_per_second, 7U);
  EXPECT_EQ(kRate.burst_tokens, 7U);
}

TEST(TokenBucket, HoldsNoMoreThanABurst) {
  const TokenRate rate{.tokens_per_second = TokenRate::kMax, .burst_tokens = 3};
  TokenBucket bucket;
  bucket.Take(1, rate, TimePoint::min());
  EXPECT_TRUE(bucket.Allows(3, rate, TimePoint::max()));
  bucket.Take(3, rate, TimePoint::max());
  EXPECT_FALSE(bucket.Allows(1, rate, TimePoint::max()));
}

// A third of a second is no whole number of nanoseconds, and what comes too much of a token with
// the last of them counts for the next.
TEST(TokenBucket, DoesNotDrift) {
  const TokenRate rate{.tokens_per_second = 3, .burst_tokens = 2};
  TokenBucket bucket;
  bucket.Take(2, rate, kStart);
  TimePoint now = kStart;
  for (int i = 0; i < 3000; ++i) {
    now += bucket.TimeUntil(1, rate, now);
    ASSERT_TRUE(bucket.Allows(1, rate, now));
    bucket.Take(1, rate, now);
  }
  EXPECT_EQ(now - kStart, seconds(1000));
}

TEST(TokenBucket, MoreThanABurstWaitsForAFullBucketAndIsADebt) {
  const TokenRate rate{.tokens_per_second = 10, .burst_tokens = 5};
  TokenBucket bucket;
  EXPECT_TRUE(bucket.Allows(25, rate, kStart));
  bucket.Take(25, rate, kStart);
  EXPECT_FALSE(bucket.Allows(0, rate, kStart));
  EXPECT_EQ(bucket.TimeUntil(0, rate, kStart), seconds(2));
  EXPECT_EQ(bucket.TimeUntil(1, rate, kStart), milliseconds(2100));
  EXPECT_EQ(bucket.TimeUntil(25, rate, kStart), milliseconds(2500));
  EXPECT_FALSE(bucket.Allows(25, rate, kStart + milliseconds(2499)));
  EXPECT_TRUE(bucket.Allows(25, rate, kStart + milliseconds(2500)));
}

TEST(TokenBucket, ADebtHasItsLimit) {
  const TokenRate rate{.tokens_per_second = TokenRate::kMax, .burst_tokens = TokenRate::kMax};
  const TokenRate slow{.tokens_per_second = 1, .burst_tokens = 1};
  TokenBucket bucket;
  bucket.Take(std::numeric_limits<uint64_t>::max(), rate, kStart);
  EXPECT_EQ(bucket.TimeUntil(0, slow, kStart), Duration::max());
  EXPECT_GE(bucket.TimeUntil(0, rate, kStart), milliseconds(800));
  bucket.Take(std::numeric_limits<uint64_t>::max(), rate, kStart);
  EXPECT_LE(bucket.TimeUntil(1, rate, kStart), seconds(1));
  EXPECT_TRUE(bucket.Allows(1, rate, kStart + seconds(1)));
}

TEST(TokenBucket, ItsRateMayChange) {
  const TokenRate rate{.tokens_per_second = 10, .burst_tokens = 10};
  TokenBucket bucket;
  bucket.Take(10, rate, kStart);
  const TokenRate faster{.tokens_per_second = 100, .burst_tokens = 10};
  EXPECT_EQ(bucket.TimeUntil(10, faster, kStart), milliseconds(100));
  // What is missing stays missing, of more as of less.
  const TokenRate larger{.tokens_per_second = 10, .burst_tokens = 12};
  EXPECT_TRUE(bucket.Allows(2, larger, kStart));
  EXPECT_FALSE(bucket.Allows(3, larger, kStart));
  const TokenRate smaller{.tokens_per_second = 10, .burst_tokens = 4};
  EXPECT_EQ(bucket.TimeUntil(1, smaller, kStart), milliseconds(700));
}

TEST(TokenBucket, TimeThatGoesBackwardsStandsStill) {
  const TokenRate rate{.tokens_per_second = 1, .burst_tokens = 1};
  TokenBucket bucket;
  bucket.Take(1, rate, kStart);
  EXPECT_EQ(bucket.TimeUntil(1, rate, kStart - seconds(5)), seconds(1));
  bucket.Take(1, rate, kStart - seconds(5));
  EXPECT_EQ(bucket.TimeUntil(1, rate, kStart), seconds(2));
  EXPECT_TRUE(bucket.Allows(1, rate, kStart + seconds(2)));
  // A full bucket knows of no time before.
  bucket = TokenBucket();
  bucket.Take(1, rate, TimePoint(seconds(-5)));
  EXPECT_TRUE(bucket.Allows(1, rate, TimePoint(seconds(-4))));
}

TEST(TokenBucket, RatesHaveTheirLimits) {
  TokenBucket bucket;
  EXPECT_DEATH(bucket.Take(1, {.tokens_per_second = 0, .burst_tokens = 1}, kStart), "per_nano");
  EXPECT_DEATH(
      bucket.Allows(1, {.tokens_per_second = TokenRate::kMax + 1, .burst_tokens = 1}, kStart),
      "per_nano");
  EXPECT_DEATH(bucket.Allows(1, {.tokens_per_second = 1, .burst_tokens = 0}, kStart), "burst");
  EXPECT_DEATH(
      bucket.TimeUntil(1, {.tokens_per_second = 1, .burst_tokens = TokenRate::kMax + 1}, kStart),
      "burst");
}

// What the bucket holds, in billionths, as numbers that no product of a rate and a time is too
// large for. Negative: a debt.
class Model {
 public:
  explicit Model(const TokenRate& rate, TimePoint now)
      : rate_(rate), now_(now), held_(Wide{rate.burst_tokens} * kParts) {}

  void set_rate(const TokenRate& rate) {
    held_ += (Wide{rate.burst_tokens} - Wide{rate_.burst_tokens}) * kParts;
    rate_ = rate;
  }
  void set_now(TimePoint now) {
    const Wide nanos = Wide{now.time_since_epoch().count()} - now_.time_since_epoch().count();
    held_ = std::min(held_ + nanos * rate_.tokens_per_second, Full());
    now_ = now;
  }
  bool Allows(uint64_t tokens) const { return held_ >= Asked(tokens); }
  uint64_t Held() const { return held_ <= 0 ? 0 : static_cast<uint64_t>(held_ / kParts); }
  // Could the bucket count them?
  bool MayTake(uint64_t tokens) const {
    return Full() - held_ + Wide{tokens} * kParts <= std::numeric_limits<uint64_t>::max();
  }
  void Take(uint64_t tokens) { held_ -= Wide{tokens} * kParts; }
  // Allowed after so many nanoseconds, and not one earlier?
  bool IsTimeUntil(uint64_t tokens, Duration time) const {
    const Wide rate = rate_.tokens_per_second;
    const Wide then = held_ + Wide{time.count()} * rate;
    if (time == Duration::max()) return then - rate < Asked(tokens);
    return then >= Asked(tokens) && (time == Duration::zero() || then - rate < Asked(tokens));
  }

 private:
  __extension__ using Wide = __int128;
  static constexpr Wide kParts = 1'000'000'000;

  Wide Full() const { return Wide{rate_.burst_tokens} * kParts; }
  Wide Asked(uint64_t tokens) const { return std::min(Wide{tokens} * kParts, Full()); }

  TokenRate rate_;
  TimePoint now_;
  Wide held_;
};

class TokenBucketProperty : public testing::Test {
 protected:
  // From 0 to `max`, each magnitude as often as another.
  uint64_t Number(uint64_t max) { return std::min(max, random_() >> (random_() % 64)); }

  TokenRate Rate() {
    return {.tokens_per_second = std::max<uint64_t>(1, Number(TokenRate::kMax)),
            .burst_tokens = std::max<uint64_t>(1, Number(TokenRate::kMax))};
  }

  // Often a time that matters, or the one beside it.
  TimePoint Later(TimePoint now, const TokenBucket& bucket, uint64_t tokens,
                  const TokenRate& rate) {
    const uint64_t left = static_cast<uint64_t>(TimePoint::max().time_since_epoch().count()) -
                          static_cast<uint64_t>(now.time_since_epoch().count());
    uint64_t nanos = Number(std::numeric_limits<uint64_t>::max());
    if (random_() % 2 == 0) {
      nanos = static_cast<uint64_t>(bucket.TimeUntil(tokens, rate, now).count());
      if (random_() % 2 == 0) nanos += random_() % 2 == 0 && nanos > 0 ? -1 : 1;
    }
    return TimePoint(Duration(static_cast<int64_t>(
        static_cast<uint64_t>(now.time_since_epoch().count()) + std::min(nanos, left))));
  }

  std::mt19937_64 random_;
};

TEST_F(TokenBucketProperty, CountsLikeNumbersOfAnySize) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  random_.seed(seed);
  uint64_t allowed = 0;
  uint64_t refused = 0;
  for (int round = 0; round < 2000; ++round) {
    TokenRate rate = Rate();
    TimePoint now(Duration(static_cast<int64_t>(random_())));
    TokenBucket bucket;
    Model model(rate, now);
    for (int step = 0; step < 100; ++step) {
      const uint64_t tokens = Number(random_() % 8 == 0 ? ~uint64_t{0} : 2 * rate.burst_tokens);
      ASSERT_EQ(bucket.Allows(tokens, rate, now), model.Allows(tokens));
      ASSERT_EQ(bucket.Held(rate, now), model.Held());
      ASSERT_TRUE(model.IsTimeUntil(tokens, bucket.TimeUntil(tokens, rate, now)));
      ++(model.Allows(tokens) ? allowed : refused);
      if (model.MayTake(tokens) && (model.Allows(tokens) || random_() % 8 == 0)) {
        bucket.Take(tokens, rate, now);
        model.Take(tokens);
      } else if (random_() % 16 == 0) {
        // Settles the time up to now, which would otherwise count at the new rate.
        bucket.Take(0, rate, now);
        rate = Rate();
        model.set_rate(rate);
      }
      now = Later(now, bucket, tokens, rate);
      model.set_now(now);
    }
  }
  EXPECT_GT(allowed, 10'000);
  EXPECT_GT(refused, 10'000);
}

}  // namespace
}  // namespace esockets::base
