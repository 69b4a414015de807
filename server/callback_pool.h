// Threads that run a server's callbacks. Each client's callbacks run one at a time and in order: a
// client belongs to one thread of the pool.
#ifndef SERVER_CALLBACK_POOL_H_
#define SERVER_CALLBACK_POOL_H_

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/executor.h"

namespace esockets::server {

class CallbackPool {
 public:
  // `queue_max`: tasks waiting for one thread above which Run asks its caller to slow down.
  CallbackPool(int threads, size_t queue_max);
  CallbackPool(const CallbackPool&) = delete;
  CallbackPool& operator=(const CallbackPool&) = delete;
  // Runs what is queued, then ends the threads.
  ~CallbackPool();

  // Runs `task` after all earlier tasks of the same client. Returns false when the thread's queue
  // is over its limit: the task is queued all the same, and `on_room` is called, on that thread,
  // when the queue is down to half; until then the caller should not bring more. Thread: any.
  bool Run(uint64_t client_id, base::Task task, const std::function<base::Task()>& make_on_room);

  // Queues without a limit: for the few tasks that must not be lost.
  void RunAlways(uint64_t client_id, base::Task task);

 private:
  struct Worker {
    std::mutex mutex;
    std::condition_variable not_empty;
    std::deque<base::Task> tasks;  // guarded by mutex, as all below
    std::vector<base::Task> on_room;
    bool stopped = false;
    std::thread thread;
  };
  Worker& WorkerOf(uint64_t client_id) { return *workers_[client_id % workers_.size()]; }
  void Work(Worker& worker);

  const size_t queue_max_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace esockets::server

#endif  // SERVER_CALLBACK_POOL_H_
