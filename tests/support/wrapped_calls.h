// The system calls of a loop, wrapped: each of them goes as a script says, and the steady clock is
// one that the test moves, so that waiting takes no time. They are wrapped in the whole program,
// for one thread at a time: whatever the product calls, and whoever calls it.
#ifndef TESTS_SUPPORT_WRAPPED_CALLS_H_
#define TESTS_SUPPORT_WRAPPED_CALLS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>

#include "base/clock.h"

namespace esockets::tests {

enum class SystemCall { kReceive, kSend, kAccept, kWait, kWatch };

// What becomes of one call.
struct Fate {
  base::Duration takes{};  // on the steady clock
  int error = 0;           // fails with it; 0: the kernel's answer
  bool is_end = false;     // kReceive: the peer has sent its last byte
  bool hangs_up = false;   // kWait: what has events has hung up as well
  size_t size_max = std::numeric_limits<size_t>::max();  // bytes, or events
};

class WrappedCalls {
 public:
  using Script = std::function<Fate(SystemCall call)>;

  // The calling thread's, from here on until this ends. REQUIRES: it has no other one.
  explicit WrappedCalls(Script script);
  WrappedCalls(const WrappedCalls&) = delete;
  WrappedCalls& operator=(const WrappedCalls&) = delete;
  ~WrappedCalls();

  // The steady clock goes on by itself, a microsecond with each look.
  void Advance(base::Duration time) { now_ += time; }
  // Called when a wait has no events: instead of waiting, its time is over. May be empty.
  void set_on_rest(std::function<void()> on_rest) { on_rest_ = std::move(on_rest); }

  uint64_t waits() const { return waits_; }
  // Calls with a descriptor that is none: it had been closed.
  uint64_t bad_descriptors() const { return bad_descriptors_; }

  // --- for the wrappers
  static WrappedCalls* current();
  Fate Decide(SystemCall call);
  base::Duration Look() { return now_ += std::chrono::microseconds(1); }
  void OnWait() { ++waits_; }
  void OnRest(base::Duration time);
  void OnBadDescriptor() { ++bad_descriptors_; }

 private:
  const Script script_;
  std::function<void()> on_rest_;
  base::Duration now_ = std::chrono::hours(1);
  uint64_t waits_ = 0;
  uint64_t bad_descriptors_ = 0;
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_WRAPPED_CALLS_H_
