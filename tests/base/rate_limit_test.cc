#include "base/rate_limit.h"

#include <chrono>
#include <limits>

#include "gtest/gtest.h"

namespace esockets::base {
namespace {

using std::chrono::milliseconds;

constexpr TimePoint kStart{std::chrono::seconds(1000)};

TEST(RateLimit, WithoutALimitAllIsAllowed) {
  RateLimit limit;
  limit.Take(1'000'000, 0, kStart);
  EXPECT_TRUE(limit.Allows(1'000'000'000, 0, kStart));
  EXPECT_EQ(limit.Held(0, kStart), std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(limit.TimeUntil(1, 0, kStart), Duration::zero());
  EXPECT_TRUE(limit.Allows(10, 10, kStart)) << "what was taken without one does not count";
}

TEST(RateLimit, ASecondsWorthAtOnce) {
  RateLimit limit;
  EXPECT_EQ(limit.Held(10, kStart), 10U);
  limit.Take(10, 10, kStart);
  EXPECT_FALSE(limit.Allows(1, 10, kStart));
  EXPECT_EQ(limit.Held(10, kStart), 0U);
  EXPECT_EQ(limit.Used(10, kStart), 10U);
  EXPECT_EQ(limit.Used(10, kStart + milliseconds(250)), 8U) << "whole ones are there again";
  EXPECT_EQ(limit.Used(0, kStart), 0U);
  EXPECT_EQ(limit.TimeUntil(1, 10, kStart), milliseconds(100));
  EXPECT_TRUE(limit.Allows(1, 10, kStart + milliseconds(100)));
  EXPECT_TRUE(limit.Allows(1, 0, kStart)) << "the limit was taken back";
}

}  // namespace
}  // namespace esockets::base
