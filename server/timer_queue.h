// Timers of one loop, in order of their deadlines. Costs nothing while nothing is due: the loop
// sleeps until the first deadline. Thread: the loop.
#ifndef SERVER_TIMER_QUEUE_H_
#define SERVER_TIMER_QUEUE_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/container/btree_map.h"
#include "base/executor.h"

namespace esockets::server {

class TimerQueue {
 public:
  base::TimerId Add(base::TimePoint deadline, base::Task task) {
    const base::TimerId timer{std::max(deadline, earliest_), ++last_sequence_};
    timers_.emplace(Key{timer.deadline, timer.sequence}, std::move(task));
    return timer;
  }

  void Cancel(base::TimerId timer) { timers_.erase(Key{timer.deadline, timer.sequence}); }

  std::optional<base::TimePoint> next_deadline() const {
    if (timers_.empty()) return std::nullopt;
    return timers_.begin()->first.first;
  }

  // Runs what is due at `now`, earliest first. Timers that are added meanwhile wait for the next
  // call.
  void RunDue(base::TimePoint now) {
    earliest_ = now + base::Duration(1);
    while (!timers_.empty() && timers_.begin()->first.first <= now) {
      base::Task task = std::move(timers_.begin()->second);
      timers_.erase(timers_.begin());
      task();
    }
  }

  size_t size() const { return timers_.size(); }

  // Destroys the tasks, which may still add or cancel timers.
  void Clear() {
    while (!timers_.empty()) {
      const base::Task task = std::move(timers_.begin()->second);
      timers_.erase(timers_.begin());
    }
  }

 private:
  using Key = std::pair<base::TimePoint, uint64_t>;  // deadline, sequence

  absl::btree_map<Key, base::Task> timers_;
  uint64_t last_sequence_ = 0;
  base::TimePoint earliest_ = base::TimePoint::min();  // for a new timer: behind the last RunDue
};

}  // namespace esockets::server

#endif  // SERVER_TIMER_QUEUE_H_
