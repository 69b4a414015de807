// Counters of one loop: plain numbers, written by that loop alone and read by anybody. A reader may
// see one counter newer than another, never a torn one.
#ifndef BASE_METRICS_H_
#define BASE_METRICS_H_

#include <atomic>
#include <cstdint>

namespace esockets::base {

// Costs a load, an addition and a store: no locked instruction, because one thread writes.
class Counter {
 public:
  // Thread: the owner.
  void Add(uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  // Thread: the owner. REQUIRES: n is not more than the value.
  void Subtract(uint64_t n) {
    value_.store(value_.load(std::memory_order_relaxed) - n, std::memory_order_relaxed);
  }
  void Set(uint64_t n) { value_.store(n, std::memory_order_relaxed); }
  // Thread: any.
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

}  // namespace esockets::base

#endif  // BASE_METRICS_H_
