#include "clients/cpp/receive_queue.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace esockets::client {

ReceiveQueue::ReceiveQueue(size_t messages_max, std::function<void()> pause,
                           std::function<void()> resume)
    : messages_max_(std::max<size_t>(messages_max, 1)),
      pause_(std::move(pause)),
      resume_(std::move(resume)) {}

void ReceiveQueue::OnMessage(const MessageView& message) {
  bool pause = false;
  {
    const std::lock_guard lock(mutex_);
    if (end_) return;
    // A queue that is full has stopped the connection: at most the ring's own limit is reached by
    // messages that matched several subscriptions.
    ESOCKETS_CHECK(messages_.EmplaceBack(Message::CopyOf(message)));
    pause = messages_.size() >= messages_max_ && !std::exchange(paused_, true);
  }
  changed_.notify_one();
  if (pause) pause_();
}

void ReceiveQueue::OnEnd(const absl::Status& reason) {
  bool resume = false;
  {
    const std::lock_guard lock(mutex_);
    if (end_) return;
    end_ = reason;
    resume = std::exchange(paused_, false);
  }
  changed_.notify_all();
  if (resume) resume_();
}

absl::StatusOr<Message> ReceiveQueue::Pop(base::Duration timeout) {
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return !messages_.empty() || end_; };
  if (!ready()) changed_.wait_for(lock, timeout, ready);
  if (messages_.empty() && end_) return *end_;
  if (messages_.empty()) return absl::DeadlineExceededError("no message in time");
  Message message = messages_.PopFront();
  const bool resume = paused_ && messages_.size() <= messages_max_ / 2;
  if (resume) paused_ = false;
  lock.unlock();
  if (resume) resume_();
  return message;
}

size_t ReceiveQueue::size() const {
  const std::lock_guard lock(mutex_);
  return messages_.size();
}

}  // namespace esockets::client
