#include "clients/cpp/backoff.h"

#include <random>

#include "gtest/gtest.h"

namespace esockets::client {
namespace {

using std::chrono::milliseconds;

TEST(Backoff, CeilingDoublesUpToTheMaximum) {
  Backoff backoff(milliseconds(100), milliseconds(1000), [] { return 0.5; });
  for (const int expected : {50, 100, 200, 400, 500, 500}) {
    EXPECT_EQ(backoff.Next(), milliseconds(expected));
  }
  backoff.Reset();
  EXPECT_EQ(backoff.Next(), milliseconds(50));
}

TEST(Backoff, FullJitterCoversEverythingBelowTheCeiling) {
  constexpr unsigned kSeed = 7;
  std::mt19937 engine(kSeed);
  std::uniform_real_distribution<double> dice(0, 1);
  int low = 0;
  int high = 0;
  for (int i = 0; i < 1000; ++i) {
    Backoff backoff(milliseconds(100), milliseconds(1000), [&] { return dice(engine); });
    const base::Duration wait = backoff.Next();
    ASSERT_GE(wait, base::Duration::zero());
    ASSERT_LT(wait, milliseconds(100));
    ++(wait < milliseconds(50) ? low : high);
  }
  EXPECT_GT(low, 400) << "seed " << kSeed;
  EXPECT_GT(high, 400) << "seed " << kSeed;
}

TEST(Backoff, HasDiceOfItsOwnAndTakesOddBounds) {
  Backoff backoff(milliseconds(0), milliseconds(-5), nullptr);
  EXPECT_LE(backoff.Next(), base::Duration(1));
}

}  // namespace
}  // namespace esockets::client
