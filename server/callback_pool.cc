#include "server/callback_pool.h"

#include <utility>

namespace esockets::server {

using base::Task;

CallbackPool::CallbackPool(int threads, size_t queue_max) : queue_max_(queue_max) {
  for (int i = 0; i < threads; ++i) {
    workers_.push_back(std::make_unique<Worker>());
    Worker& worker = *workers_.back();
    worker.thread = std::thread([this, &worker] { Work(worker); });
  }
}

CallbackPool::~CallbackPool() {
  for (const auto& worker : workers_) {
    {
      const std::lock_guard lock(worker->mutex);
      worker->stopped = true;
    }
    worker->not_empty.notify_one();
    worker->thread.join();
  }
}

bool CallbackPool::Run(uint64_t client_id, Task task, const std::function<Task()>& make_on_room) {
  Worker& worker = WorkerOf(client_id);
  bool room = true;
  {
    const std::lock_guard lock(worker.mutex);
    worker.tasks.push_back(std::move(task));
    room = worker.tasks.size() <= queue_max_;
    if (!room) worker.on_room.push_back(make_on_room());
  }
  worker.not_empty.notify_one();
  return room;
}

void CallbackPool::RunAlways(uint64_t client_id, Task task) {
  Worker& worker = WorkerOf(client_id);
  {
    const std::lock_guard lock(worker.mutex);
    worker.tasks.push_back(std::move(task));
  }
  worker.not_empty.notify_one();
}

void CallbackPool::Work(Worker& worker) {
  for (;;) {
    Task task;
    std::vector<Task> on_room;
    {
      std::unique_lock lock(worker.mutex);
      worker.not_empty.wait(lock, [&] { return worker.stopped || !worker.tasks.empty(); });
      if (worker.tasks.empty()) return;
      task = std::move(worker.tasks.front());
      worker.tasks.pop_front();
      if (worker.tasks.size() <= queue_max_ / 2) on_room.swap(worker.on_room);
    }
    task();
    for (Task& tell : on_room) tell();
  }
}

}  // namespace esockets::server
