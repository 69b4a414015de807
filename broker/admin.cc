#include "broker/admin.h"

#include <optional>
#include <utility>

#include "base/utf8.h"
#include "broker/admin_merge.h"
#include "broker/admin_view.h"
#include "proto/admin.pb.h"

namespace esockets::broker {
namespace {

template <typename Request>
std::optional<std::string> ClientOf(std::string_view payload, bool always_one) {
  Request request;
  // A malformed one is refused by the loop that answers it.
  const bool parsed = request.ParseFromArray(payload.data(), static_cast<int>(payload.size()));
  if (!parsed || (request.client_id().empty() && !always_one)) return std::nullopt;
  return request.client_id();
}

// The client that a request is about, if it is about one.
std::optional<std::string> FindClient(std::string_view topic, std::string_view payload) {
  if (topic == "$SYS/clients") return ClientOf<admin::ClientsRequest>(payload, false);
  if (topic == "$SYS/subscriptions") return ClientOf<admin::SubscriptionsRequest>(payload, false);
  if (topic == "$SYS/slow") return ClientOf<admin::SlowRequest>(payload, false);
  if (topic == "$SYS/trace") return ClientOf<admin::TraceRequest>(payload, false);
  if (topic == "$SYS/limits") return ClientOf<admin::LimitsRequest>(payload, false);
  if (topic == "$SYS/recv") return ClientOf<admin::RecvRequest>(payload, true);
  if (topic == "$SYS/kick") return ClientOf<admin::KickRequest>(payload, true);
  return std::nullopt;
}

}  // namespace

void Admin::Handle(const proto::PublishView& request, Session* requester) {
  Begin({.topic = std::string(request.topic),
         .payload = std::string(request.payload),
         .requester = requester->id(),
         .request_id = request.id,
         .reply_to = std::string(request.reply_to)});
}

void Admin::Ask(std::string topic, std::string payload, Done done) {
  Begin({.topic = std::move(topic), .payload = std::move(payload), .done = std::move(done)});
}

void Admin::Begin(Question question) {
  if (!AdminView::Knows(question.topic)) {
    return Refuse(question, ErrorCode::kAdminUnknownRequest, question.topic);
  }
  if (question.topic == "$SYS/recv" && !shard_.settings().recv_queue) {
    return Refuse(question, ErrorCode::kRecvQueueOff, {});
  }
  const std::optional<std::string> client_id = FindClient(question.topic, question.payload);
  const uint64_t number = ++last_question_;
  question.missing = client_id ? 1 : shard_.siblings.count();
  AdminAskParcel ask{.question = number,
                     .asked_by = shard_.siblings.self(),
                     .requester = question.requester,
                     .topic = question.topic,
                     .payload = question.payload,
                     .client_id = client_id};
  questions_.emplace(number, std::move(question));
  Post(std::move(ask));
}

// The answer may come within the call.
void Admin::Post(AdminAskParcel ask) {
  if (ask.client_id) {
    const uint32_t home = shard_.siblings.HomeOf(*ask.client_id);
    return shard_.siblings.Post(home, std::move(ask));
  }
  for (uint32_t loop = 0; loop < shard_.siblings.count(); ++loop) shard_.siblings.Post(loop, ask);
}

void Admin::OnAsk(const AdminAskParcel& ask) {
  if (ask.client_id && ask.session == 0) {
    if (const ClientIdEntry* owner = shard_.client_ids.Find(*ask.client_id)) {
      AdminAskParcel known = ask;
      known.session = owner->session;
      return shard_.siblings.Post(owner->loop, std::move(known));
    }
  }
  shard_.siblings.Post(ask.asked_by, AdminView(&shard_, &ask).Answer());
}

void Admin::OnAnswer(const AdminAnswerParcel& answer) {
  const auto found = questions_.find(answer.question);
  if (found == questions_.end()) return;  // refused already
  Question& question = found->second;
  const bool gone = !question.done && shard_.clients.Find(question.requester) == nullptr;
  if (!gone && !answer.refused) {
    question.replies.push_back(answer.content);
    if (--question.missing > 0) return;
  }
  const Question ended = std::move(question);
  questions_.erase(found);
  if (gone) return;
  answer.refused ? Refuse(ended, answer.code, answer.content) : Finish(ended);
}

void Admin::Refuse(const Question& question, ErrorCode code, std::string_view detail) {
  if (question.done) {
    return question.done({.refused = true, .code = code, .content = std::string(detail)});
  }
  Session* requester = shard_.clients.Find(question.requester);
  if (requester != nullptr) requester->Refuse(question.request_id, code, detail);
}

void Admin::Finish(const Question& question) {
  std::string reply =
      MergeReplies(question.topic, question.payload, question.replies, shard_.limits());
  Session* requester = question.done ? nullptr : shard_.clients.Find(question.requester);
  if (requester == nullptr) {
    question.done({.content = std::move(reply)});
  } else {
    requester->SendMessage(question.reply_to, reply);
  }
  if (question.topic == "$SYS/drain") return shard_.host.request_drain();
  if (question.topic == "$SYS/kick" && requester != nullptr) KickRequester(question, requester);
}

// Who kicks himself has read the answer first.
void Admin::KickRequester(const Question& question, Session* requester) {
  admin::Kick reply;
  admin::KickRequest request;
  if (!reply.ParseFromString(question.replies[0]) || !request.ParseFromString(question.payload)) {
    return;
  }
  if (reply.session_id() != requester->id()) return;
  requester->EndAfterFlush(
      CloseCode::kKicked,
      base::CutUtf8(request.reason(), shard_.limits().disconnect_reason_bytes_max));
}

}  // namespace esockets::broker
