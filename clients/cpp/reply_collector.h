// The replies to one request, until there are enough of them, or its time is over, or it fails.
#ifndef CLIENTS_CPP_REPLY_COLLECTOR_H_
#define CLIENTS_CPP_REPLY_COLLECTOR_H_

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/message.h"

namespace esockets::client {

// Called once, on the client's loop. Errors: the broker's refusal; kDeadlineExceeded when nothing
// came in time; the reason when the connection broke.
using RepliesCallback = std::function<void(absl::StatusOr<std::vector<Message>>)>;

// Thread: the loop. Held as a shared_ptr by the request and by its timer.
class ReplyCollector {
 public:
  // `replies_max` 0: all that come in time.
  ReplyCollector(size_t replies_max, RepliesCallback done)
      : replies_max_(replies_max), done_(std::move(done)) {}
  ReplyCollector(const ReplyCollector&) = delete;
  ReplyCollector& operator=(const ReplyCollector&) = delete;

  // Each has no effect once it has ended.
  void OnReply(const MessageView& reply);
  void OnTimeout();
  void Fail(const absl::Status& reason);

  bool ended() const { return ended_; }
  // Called when it ends, before those who asked hear of it. REQUIRES: !ended().
  void set_on_end(std::function<void()> on_end) { on_end_ = std::move(on_end); }

 private:
  void End(absl::StatusOr<std::vector<Message>> outcome);

  const size_t replies_max_;
  RepliesCallback done_;
  std::function<void()> on_end_;
  std::vector<Message> replies_;
  bool ended_ = false;
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_REPLY_COLLECTOR_H_
