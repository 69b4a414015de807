#include "clients/cpp/reply_collector.h"

namespace esockets::client {

void ReplyCollector::OnReply(const MessageView& reply) {
  if (ended_) return;
  replies_.push_back(Message::CopyOf(reply));
  if (replies_.size() == replies_max_) End(std::move(replies_));
}

void ReplyCollector::OnTimeout() {
  if (ended_) return;
  if (replies_.empty()) return End(absl::DeadlineExceededError("no answer in time"));
  End(std::move(replies_));
}

void ReplyCollector::Fail(const absl::Status& reason) {
  if (!ended_) End(reason);
}

void ReplyCollector::End(absl::StatusOr<std::vector<Message>> outcome) {
  ended_ = true;
  if (const auto on_end = std::exchange(on_end_, nullptr)) on_end();
  const RepliesCallback done = std::exchange(done_, nullptr);
  done(std::move(outcome));
}

}  // namespace esockets::client
