// Threads for work that takes too long for a loop: the hash of a password. What is to be done
// waits in one bounded queue.
#ifndef BASE_WORK_POOL_H_
#define BASE_WORK_POOL_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "base/executor.h"

namespace esockets::base {

// Thread: any.
class WorkPool {
 public:
  // The threads begin with the first task. `queue_max`: tasks that wait for one of them.
  WorkPool(size_t threads, size_t queue_max);
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;
  // Stops.
  ~WorkPool();

  // Forgets what waits, and returns when what runs is done. REQUIRES: not on one of its threads.
  void Stop();

  // Runs `task` on one of the threads, after those that came before. False: the queue is full, or
  // the pool has stopped, and the task is as it was.
  [[nodiscard]] bool TryRun(Task* task);

  size_t waiting() const;

 private:
  void Work();

  const size_t threads_max_;
  const size_t queue_max_;
  mutable std::mutex mutex_;
  std::condition_variable not_empty_;
  // All guarded by mutex_.
  std::deque<Task> tasks_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace esockets::base

#endif  // BASE_WORK_POOL_H_
