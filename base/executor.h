// What code on a loop may ask of its loop, without knowing that it is epoll: the broker runs on
// this interface alone, on a real loop or on a simulated one.
#ifndef BASE_EXECUTOR_H_
#define BASE_EXECUTOR_H_

#include <cstdint>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "base/clock.h"
#include "base/on_loop.h"

namespace esockets::base {

using Task = absl::AnyInvocable<void()>;

// Names a timer until it has run or is cancelled. Zero: no timer.
struct TimerId {
  TimePoint deadline{};
  uint64_t sequence = 0;

  explicit operator bool() const { return sequence != 0; }
};

class Executor {
 public:
  virtual ~Executor() = default;

  // Runs `task` on the loop in a later turn, in the order of posting. Tasks still waiting when the
  // loop ends are destroyed without being run. Thread: any.
  virtual void Post(Task task) = 0;

  // Runs `task` once, in the first turn that begins at or after `deadline`.
  virtual TimerId RunAt(TimePoint deadline, Task task) ESOCKETS_ON_LOOP = 0;

  // Forgets a timer; no effect on one that has run.
  virtual void Cancel(TimerId timer) ESOCKETS_ON_LOOP = 0;

  // Runs `task` at the end of this turn, after all its input was handled and before anything is
  // flushed; once, in the order of the calls.
  virtual void AtTurnEnd(Task task) ESOCKETS_ON_LOOP = 0;

  // Lets go of `object` after this turn, when no caller further up the stack uses it any more.
  virtual void DeleteLater(std::shared_ptr<void> object) ESOCKETS_ON_LOOP = 0;

  // Dies unless called on this loop.
  virtual void AssertOnLoop() const ESOCKETS_ASSERTS_ON_LOOP = 0;

  // Time at the start of this turn: cheap, and the same for all that happens in it.
  virtual TimePoint TurnTime() const ESOCKETS_ON_LOOP = 0;

  virtual const Clock& clock() const = 0;
};

}  // namespace esockets::base

#endif  // BASE_EXECUTOR_H_
