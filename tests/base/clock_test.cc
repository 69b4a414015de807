#include "base/clock.h"

#include "gtest/gtest.h"

namespace esockets::base {
namespace {

TEST(SystemClock, GoesOnAndKnowsTheYear) {
  const SystemClock clock;
  const TimePoint before = clock.Now();
  EXPECT_GE(clock.Now(), before);
  const int64_t year_2020_micros = 1'577'836'800'000'000;
  EXPECT_GT(clock.WallMicros(), year_2020_micros);
}

}  // namespace
}  // namespace esockets::base
