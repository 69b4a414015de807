// A clock that a test sets by hand.
#ifndef TESTS_SUPPORT_HAND_CLOCK_H_
#define TESTS_SUPPORT_HAND_CLOCK_H_

#include <cstdint>

#include "base/clock.h"

namespace esockets::tests {

struct HandClock final : base::Clock {
  base::TimePoint Now() const override { return now; }
  int64_t WallMicros() const override { return 0; }
  base::TimePoint now{};
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_HAND_CLOCK_H_
