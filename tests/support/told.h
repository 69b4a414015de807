// What callbacks on any thread have told, for a test that waits for it.
#ifndef TESTS_SUPPORT_TOLD_H_
#define TESTS_SUPPORT_TOLD_H_

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace esockets::tests {

// Thread: any.
class Told {
 public:
  void Tell(std::string what) {
    const std::lock_guard lock(mutex_);
    told_.push_back(std::move(what));
    changed_.notify_all();
  }
  void WaitFor(const std::string& what) const {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return std::find(told_.begin(), told_.end(), what) != told_.end(); });
  }
  std::vector<std::string> all() const {
    const std::lock_guard lock(mutex_);
    return told_;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<std::string> told_;  // guarded by mutex_
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_TOLD_H_
