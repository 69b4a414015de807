// All that is random in a soak: one seed decides it.
#ifndef TESTS_SOAK_DICE_H_
#define TESTS_SOAK_DICE_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

namespace esockets::soak {

class Dice {
 public:
  explicit Dice(uint64_t seed) : engine_(seed) {}

  // From 0 to `end` - 1. REQUIRES: end > 0.
  uint64_t Below(uint64_t end) { return engine_() % end; }
  // Both ends count.
  uint64_t Between(uint64_t first, uint64_t last) { return first + Below(last - first + 1); }
  bool OneIn(uint64_t times) { return Below(times) == 0; }
  std::chrono::milliseconds Pause(uint64_t least_ms, uint64_t most_ms) {
    return std::chrono::milliseconds(Between(least_ms, most_ms));
  }
  template <typename T, size_t kSize>
  const T& Pick(const std::array<T, kSize>& values) {
    return values[Below(kSize)];
  }
  std::string Bytes(size_t size) {
    std::string bytes(size, '\0');
    for (char& c : bytes) c = static_cast<char>(Below(256));
    return bytes;
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace esockets::soak

#endif  // TESTS_SOAK_DICE_H_
