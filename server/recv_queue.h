// The original's recv_queue: every message of a client, saved until somebody pops it.
#ifndef SERVER_RECV_QUEUE_H_
#define SERVER_RECV_QUEUE_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace esockets::server {

// What a full queue does.
enum class RecvQueueFull {
  kPause,       // tells its owner to stop reading; nothing is lost
  kDropOldest,  // keeps the newest and counts the rest
};

struct RecvQueueOptions {
  size_t messages_max = 0;  // 0: unbounded, as the original was
  RecvQueueFull when_full = RecvQueueFull::kPause;
};

// Thread: any.
class RecvQueue {
 public:
  // `on_pause(true)` when the queue has become full, `on_pause(false)` when it is half empty again;
  // called by the thread that pushed or popped, with no lock held. Only with kPause.
  RecvQueue(RecvQueueOptions options, std::function<void(bool pause)> on_pause);

  void Push(std::string_view message);

  // The oldest message; waits for one up to `timeout` (Duration::max(): as long as it takes).
  // Nothing: none came, or the queue is closed and empty.
  std::optional<std::string> Pop(base::Duration timeout);
  std::optional<std::string> TryPop() { return Pop(base::Duration::zero()); }
  // Nothing also when the oldest is longer than `bytes_max`: it stays.
  std::optional<std::string> TryPop(size_t bytes_max);

  // No more messages will come: waiting Pops return. What is there stays readable.
  void Close();

  size_t size() const;
  uint64_t dropped_total() const;

 private:
  std::optional<std::string> PopWithin(base::Duration timeout, size_t bytes_max);

  const RecvQueueOptions options_;
  const std::function<void(bool)> on_pause_;

  mutable std::mutex mutex_;
  std::condition_variable not_empty_;
  std::deque<std::string> messages_;  // guarded by mutex_, as all below
  uint64_t dropped_total_ = 0;
  bool paused_ = false;
  bool closed_ = false;
};

}  // namespace esockets::server

#endif  // SERVER_RECV_QUEUE_H_
