// How often a number fell between two powers of two. One loop writes, anybody may read: a reader
// may see one bucket newer than another, never a torn one.
#ifndef BASE_HISTOGRAM_H_
#define BASE_HISTOGRAM_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/metrics.h"

namespace esockets::base {

class Histogram {
 public:
  // Bucket i holds what is above 2^(i-1) and up to 2^i; the first one also 0, the last one all that
  // is more.
  static constexpr size_t kBuckets = 28;
  static constexpr uint64_t UpperBound(size_t bucket) { return uint64_t{1} << bucket; }

  // Thread: the owner.
  void Record(uint64_t value, uint64_t times = 1) {
    const size_t bucket = value <= 1 ? 0 : static_cast<size_t>(std::bit_width(value - 1));
    buckets_[std::min(bucket, kBuckets - 1)].Add(times);
    sum_.Add(value * times);
  }

  // Thread: any.
  uint64_t count_in(size_t bucket) const { return buckets_[bucket].value(); }
  uint64_t sum() const { return sum_.value(); }

 private:
  std::array<Counter, kBuckets> buckets_;
  Counter sum_;
};

}  // namespace esockets::base

#endif  // BASE_HISTOGRAM_H_
