// What an allocation takes of the memory, for limits that promise how much that is.
#ifndef BASE_ALLOCATED_BYTES_H_
#define BASE_ALLOCATED_BYTES_H_

#include <bit>
#include <cstdint>

namespace esockets::base {

// Rounded up to a size that jemalloc, the broker's allocator, has: multiples of 16 up to 128, then
// four to each doubling. (A size of 1 to 8 bytes, which it has as well, counts as 16.)
constexpr uint64_t AllocatedBytes(uint64_t asked_bytes) {
  constexpr uint64_t kStepMin = 16;
  const uint64_t quarter = asked_bytes <= 1 ? kStepMin : std::bit_floor(asked_bytes - 1) / 4;
  const uint64_t step = quarter < kStepMin ? kStepMin : quarter;
  return (asked_bytes + step - 1) / step * step;
}

}  // namespace esockets::base

#endif  // BASE_ALLOCATED_BYTES_H_
