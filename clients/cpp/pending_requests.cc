#include "clients/cpp/pending_requests.h"

#include <limits>
#include <memory>
#include <utility>
#include <vector>

namespace esockets::client {

void PendingRequests::Add(PendingRequest request) {
  // Its time was over while it waited in the buffer.
  if (request.replies && request.replies->ended()) return;
  if (request.replies) ids_by_reply_topic_.emplace(request.reply_topic, request.id);
  const uint64_t id = request.id;
  requests_.emplace(id, std::move(request));
}

bool PendingRequests::Complete(uint64_t id, absl::StatusOr<Answer> answer) {
  const auto found = requests_.find(id);
  if (found == requests_.end()) return false;
  // Published says that the request has arrived; its replies are still to come.
  if (answer.ok() && found->second.replies) return true;
  const PendingRequest request = std::move(found->second);
  requests_.erase(found);
  if (!request.replies) {
    request.done(std::move(answer));
    return true;
  }
  ids_by_reply_topic_.erase(request.reply_topic);
  request.replies->Fail(answer.status());
  return true;
}

bool PendingRequests::TakeReply(const MessageView& reply) {
  if (ids_by_reply_topic_.empty()) return false;
  const auto found = ids_by_reply_topic_.find(reply.topic);
  if (found == ids_by_reply_topic_.end()) return false;
  const uint64_t id = found->second;
  const std::shared_ptr<ReplyCollector> replies = requests_.find(id)->second.replies;
  replies->OnReply(reply);
  if (replies->ended()) Forget(id);
  return true;
}

bool PendingRequests::WantsReplies(uint64_t id) const {
  const auto found = requests_.find(id);
  return found != requests_.end() && found->second.replies;
}

void PendingRequests::Forget(uint64_t id) {
  const auto found = requests_.find(id);
  if (found == requests_.end()) return;
  if (found->second.replies) ids_by_reply_topic_.erase(found->second.reply_topic);
  requests_.erase(found);
}

void PendingRequests::FailSent(uint64_t consumed_total, const absl::Status& reason) {
  std::vector<uint64_t> lost;
  for (const auto& [id, request] : requests_) {
    if (request.end_offset <= consumed_total) lost.push_back(id);
  }
  for (const uint64_t id : lost) Complete(id, reason);
}

void PendingRequests::FailAll(const absl::Status& reason) {
  FailSent(std::numeric_limits<uint64_t>::max(), reason);
}

}  // namespace esockets::client
