// The messages of a pull subscription on their way from the loop to the program: bounded by pausing
// the connection, never by dropping.
#ifndef CLIENTS_CPP_RECEIVE_QUEUE_H_
#define CLIENTS_CPP_RECEIVE_QUEUE_H_

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bounded_ring.h"
#include "base/clock.h"
#include "clients/cpp/dispatcher.h"
#include "clients/cpp/message.h"

namespace esockets::client {

class ReceiveQueue final : public Subscriber {
 public:
  // `pause` is called, on the loop, when the queue has become full; `resume` once for each pause,
  // on any thread, when it is half empty again or has ended.
  ReceiveQueue(size_t messages_max, std::function<void()> pause, std::function<void()> resume);

  // --- Thread: the loop
  void OnMessage(const MessageView& message) override;
  void OnEnd(const absl::Status& reason) override;

  // --- Thread: any

  // The oldest. Errors: kDeadlineExceeded; when it is empty and has ended, the reason.
  absl::StatusOr<Message> Pop(base::Duration timeout);
  size_t size() const;

 private:
  const size_t messages_max_;
  const std::function<void()> pause_;
  const std::function<void()> resume_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  base::BoundedRing<Message> messages_;
  bool paused_ = false;
  std::optional<absl::Status> end_;
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_RECEIVE_QUEUE_H_
