// Tasks of a loop that take long and that nobody who is connected waits for: the handshakes of TLS.
// They get the time that a loop has to spare, and a share of it when it has none.
#ifndef SERVER_LOW_PRIORITY_TASKS_H_
#define SERVER_LOW_PRIORITY_TASKS_H_

#include <deque>
#include <utility>

#include "base/clock.h"
#include "base/executor.h"

namespace esockets::server {

// Thread: the loop.
class LowPriorityTasks {
 public:
  // Runs in its turn, behind those that wait already.
  void Add(base::Task task) { tasks_.push_back(std::move(task)); }
  bool empty() const { return tasks_.empty(); }
  void Clear() { tasks_.clear(); }

  // Once a turn, at its end. `work`: what the rest of the turn took. `idle`: nothing came in, and
  // nothing is to be sent. Runs tasks for about kLowPrioritySlice if idle, else until they have had
  // their share of the work since; one task is never cut short, but paid back.
  void RunSome(const base::Clock& clock, base::Duration work, bool idle);

 private:
  std::deque<base::Task> tasks_;
  base::Duration credit_{};  // below zero: they have had more than their share
};

}  // namespace esockets::server

#endif  // SERVER_LOW_PRIORITY_TASKS_H_
