#include "base/work_pool.h"

#include <utility>

namespace esockets::base {

WorkPool::WorkPool(size_t threads, size_t queue_max)
    : threads_max_(threads), queue_max_(queue_max) {}

WorkPool::~WorkPool() { Stop(); }

void WorkPool::Stop() {
  std::vector<std::thread> threads;
  {
    std::deque<Task> forgotten;  // destroyed without the lock, and before what runs is waited for
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    forgotten.swap(tasks_);
    threads.swap(threads_);
  }
  not_empty_.notify_all();
  for (std::thread& thread : threads) thread.join();
}

bool WorkPool::TryRun(Task* task) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || tasks_.size() >= queue_max_) return false;
    while (threads_.size() < threads_max_) threads_.emplace_back([this] { Work(); });
    tasks_.push_back(std::move(*task));
  }
  not_empty_.notify_one();
  return true;
}

size_t WorkPool::waiting() const {
  const std::lock_guard lock(mutex_);
  return tasks_.size();
}

void WorkPool::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    not_empty_.wait(lock, [this] { return stopped_ || !tasks_.empty(); });
    if (stopped_) return;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    task = nullptr;  // what it held goes before the lock is taken again
    lock.lock();
  }
}

}  // namespace esockets::base
