#include "clients/cpp/pending_requests.h"

#include <limits>
#include <utility>
#include <vector>

namespace esockets::client {

void PendingRequests::Add(PendingRequest request) {
  if (!request.reply_topic.empty()) ids_by_reply_topic_.emplace(request.reply_topic, request.id);
  const uint64_t id = request.id;
  requests_.emplace(id, std::move(request));
}

bool PendingRequests::Complete(uint64_t id, absl::StatusOr<Answer> answer) {
  const auto found = requests_.find(id);
  if (found == requests_.end()) return false;
  // Published says that the request has arrived; its reply is still to come.
  if (answer.ok() && !found->second.reply_topic.empty()) return true;
  const PendingRequest request = std::move(found->second);
  requests_.erase(found);
  if (!request.reply_topic.empty()) ids_by_reply_topic_.erase(request.reply_topic);
  request.done(std::move(answer));
  return true;
}

bool PendingRequests::CompleteReply(std::string_view topic, std::string_view payload) {
  if (ids_by_reply_topic_.empty()) return false;
  const auto found = ids_by_reply_topic_.find(topic);
  if (found == ids_by_reply_topic_.end()) return false;
  const auto request = requests_.find(found->second);
  const AnswerCallback done = std::move(request->second.done);
  requests_.erase(request);
  ids_by_reply_topic_.erase(found);
  done(Answer{.payload = std::string(payload)});
  return true;
}

void PendingRequests::Forget(uint64_t id) {
  const auto found = requests_.find(id);
  if (found == requests_.end()) return;
  ids_by_reply_topic_.erase(found->second.reply_topic);
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
