// Requests that wait for the broker's answer.
#ifndef CLIENTS_CPP_PENDING_REQUESTS_H_
#define CLIENTS_CPP_PENDING_REQUESTS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/strings.h"
#include "clients/cpp/message.h"
#include "clients/cpp/outgoing_buffer.h"

namespace esockets::client {

// Thread: the loop.
class PendingRequests {
 public:
  void Add(PendingRequest request);

  // The answer to the request with this id; false when none is waiting for it.
  bool Complete(uint64_t id, absl::StatusOr<Answer> answer);

  // A message on the reply topic of a request; false when it belongs to none.
  bool TakeReply(const MessageView& reply);

  // Does the request with this id wait for replies?
  bool WantsReplies(uint64_t id) const;

  // Whoever asked does not wait any more.
  void Forget(uint64_t id);

  // The connection broke: requests whose frame ends at or before `consumed_total` may have been
  // lost with it. The others are still in the outgoing buffer.
  void FailSent(uint64_t consumed_total, const absl::Status& reason);

  void FailAll(const absl::Status& reason);

  size_t size() const { return requests_.size(); }

 private:
  absl::flat_hash_map<uint64_t, PendingRequest> requests_;
  base::StringMap<uint64_t> ids_by_reply_topic_;
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_PENDING_REQUESTS_H_
