// Time behind an interface: a test or the simulation decides what it is.
#ifndef BASE_CLOCK_H_
#define BASE_CLOCK_H_

#include <chrono>
#include <cstdint>

namespace esockets::base {

using Duration = std::chrono::nanoseconds;
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;

// Whole milliseconds and microseconds, for people and for wires; 0 of less than nothing.
constexpr uint64_t Millis(Duration duration) {
  const auto count = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  return count < 0 ? 0 : static_cast<uint64_t>(count);
}
constexpr uint64_t Micros(Duration duration) {
  const auto count = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  return count < 0 ? 0 : static_cast<uint64_t>(count);
}

class Clock {
 public:
  virtual ~Clock() = default;

  // Monotonic; for deadlines and ages. Thread: any.
  virtual TimePoint Now() const = 0;

  // Microseconds since 1970 (UTC); for stamps and people. Thread: any.
  virtual int64_t WallMicros() const = 0;
};

// The machine's clocks.
class SystemClock final : public Clock {
 public:
  TimePoint Now() const override { return std::chrono::steady_clock::now(); }
  int64_t WallMicros() const override {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
};

}  // namespace esockets::base

#endif  // BASE_CLOCK_H_
