// A result that one thread waits for and another one gives.
#ifndef CLIENTS_CPP_COMPLETION_H_
#define CLIENTS_CPP_COMPLETION_H_

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"

namespace esockets::client {

// Thread: any. Held by both sides as a shared_ptr.
template <typename T>
class Completion {
 public:
  // The first call counts.
  void Set(absl::StatusOr<T> result) {
    {
      const std::lock_guard lock(mutex_);
      if (result_) return;
      result_ = std::move(result);
    }
    changed_.notify_all();
  }

  // Errors: kDeadlineExceeded, besides the result's own.
  absl::StatusOr<T> Wait(base::Duration timeout) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, timeout, [this] { return result_.has_value(); });
    if (!result_) return absl::DeadlineExceededError("no answer in time");
    return *result_;
  }

  // However long it takes. Errors: the result's own.
  absl::StatusOr<T> Wait() {
    std::unique_lock lock(mutex_);
    while (!result_) changed_.wait(lock);
    return *result_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<absl::StatusOr<T>> result_;
};

// Gives a result when it is destroyed: for tasks that may be dropped without being run.
template <typename T>
class CompleteAtEnd {
 public:
  CompleteAtEnd(std::shared_ptr<Completion<T>> completion, absl::StatusOr<T> result)
      : completion_(std::move(completion)), result_(std::move(result)) {}
  CompleteAtEnd(CompleteAtEnd&&) noexcept = default;
  CompleteAtEnd& operator=(CompleteAtEnd&&) = delete;
  ~CompleteAtEnd() {
    if (completion_) completion_->Set(std::move(result_));
  }

 private:
  std::shared_ptr<Completion<T>> completion_;
  absl::StatusOr<T> result_;
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_COMPLETION_H_
