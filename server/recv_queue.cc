#include "server/recv_queue.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace esockets::server {
namespace {

// "For ever" is a timeout, too: a deadline must not overflow.
constexpr base::Duration kWaitMax = std::chrono::hours(24 * 365);

}  // namespace

RecvQueue::RecvQueue(RecvQueueOptions options, std::function<void(bool pause)> on_pause)
    : options_(options), on_pause_(std::move(on_pause)) {}

void RecvQueue::Push(std::string_view message) {
  bool pause = false;
  {
    const std::lock_guard lock(mutex_);
    const bool full = options_.messages_max != 0 && messages_.size() >= options_.messages_max;
    if (full && options_.when_full == RecvQueueFull::kDropOldest) {
      messages_.pop_front();
      ++dropped_total_;
    }
    messages_.emplace_back(message);
    if (options_.when_full == RecvQueueFull::kPause && options_.messages_max != 0 &&
        messages_.size() >= options_.messages_max) {
      pause = !std::exchange(paused_, true);
    }
  }
  not_empty_.notify_one();
  if (pause && on_pause_) on_pause_(true);
}

std::optional<std::string> RecvQueue::Pop(base::Duration timeout) {
  return PopWithin(timeout, std::numeric_limits<size_t>::max());
}

std::optional<std::string> RecvQueue::TryPop(size_t bytes_max) {
  return PopWithin(base::Duration::zero(), bytes_max);
}

std::optional<std::string> RecvQueue::PopWithin(base::Duration timeout, size_t bytes_max) {
  std::string message;
  bool resume = false;
  {
    std::unique_lock lock(mutex_);
    const auto ready = [&] { return !messages_.empty() || closed_; };
    if (timeout > base::Duration::zero()) {
      not_empty_.wait_for(lock, std::min(timeout, kWaitMax), ready);
    }
    if (messages_.empty() || messages_.front().size() > bytes_max) return std::nullopt;
    message = std::move(messages_.front());
    messages_.pop_front();
    if (paused_ && messages_.size() <= options_.messages_max / 2) {
      paused_ = false;
      resume = true;
    }
  }
  if (resume && on_pause_) on_pause_(false);
  return message;
}

void RecvQueue::Close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  not_empty_.notify_all();
}

size_t RecvQueue::size() const {
  const std::lock_guard lock(mutex_);
  return messages_.size();
}

uint64_t RecvQueue::dropped_total() const {
  const std::lock_guard lock(mutex_);
  return dropped_total_;
}

}  // namespace esockets::server
