#include "broker/admin.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "proto/admin.pb.h"
#include "proto/esockets.pb.h"

namespace esockets::broker {
namespace {

// Of a reply, beside its entries.
constexpr size_t kOtherFieldsBytesMax = 64;
// Tags and lengths of one entry.
constexpr size_t kEntryHeadBytesMax = 16;

void FillClient(const Session& session, base::TimePoint now,
                admin::Client* client) ESOCKETS_ON_LOOP {
  const SinkView view = session.sink().View();
  const Outbox& outbox = session.outbox();
  client->set_session_id(session.id());
  client->set_client_id(session.client_id());
  client->set_name(session.name());
  client->set_user(session.identity().user);
  client->set_address(view.address);
  client->set_transport(std::string(view.transport));
  client->set_connected_ms(static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now - session.connected_at()).count()));
  client->set_subscriptions(static_cast<uint32_t>(session.subscriptions().size()));
  client->set_messages_in_total(session.messages_in_total());
  client->set_bytes_in_total(view.bytes_in_total);
  client->set_messages_out_total(outbox.delivered_messages_total());
  client->set_bytes_out_total(view.bytes_out_total);
  client->set_send_queue_bytes(view.send_queue_bytes);
  client->set_kernel_unsent_bytes(view.kernel_unsent_bytes);
  client->set_backlog_messages(outbox.backlog_messages());
  client->set_backlog_bytes(outbox.backlog_bytes());
  client->set_dropped_messages_total(outbox.dropped_messages_total());
  client->set_dropped_bytes_total(outbox.dropped_bytes_total());
  client->set_recv_queue_messages(view.recv_queue_messages);
  client->set_recv_queue_dropped_total(view.recv_queue_dropped_total);
  for (const auto& [key, value] : session.metadata()) (*client->mutable_metadata())[key] = value;
}

void FillSubscription(const Session& session, const Subscription& subscription,
                      admin::Subscription* filled) {
  filled->set_session_id(session.id());
  filled->set_client_id(session.client_id());
  filled->set_filter(std::string(subscription.filter));
  filled->set_overflow(std::string(OverflowText(subscription.overflow)));
  filled->set_delivered_messages_total(subscription.delivered_messages_total);
  filled->set_dropped_messages_total(subscription.dropped_messages_total);
  filled->set_dropped_bytes_total(subscription.dropped_bytes_total);
  filled->set_backlog_messages(subscription.backlog ? subscription.backlog->messages : 0);
}

}  // namespace

void Admin::Handle(const proto::PublishView& request, Session* requester) {
  AdminRequest(&shard_, &request, requester).Handle();
}

void AdminRequest::Handle() {
  static constexpr struct {
    std::string_view topic;
    void (AdminRequest::*handle)();
  } kRequests[] = {
      {"$SYS/info", &AdminRequest::Info},
      {"$SYS/clients", &AdminRequest::Clients},
      {"$SYS/metrics", &AdminRequest::Metrics},
      {"$SYS/subscriptions", &AdminRequest::Subscriptions},
      {"$SYS/recv", &AdminRequest::Recv},
      {"$SYS/kick", &AdminRequest::Kick},
      {"$SYS/drain", &AdminRequest::Drain},
  };
  for (const auto& known : kRequests) {
    if (known.topic == request_.topic) return (this->*known.handle)();
  }
  requester_.Refuse(request_.id, ErrorCode::kAdminUnknownRequest, request_.topic);
}

bool AdminRequest::Parse(google::protobuf::MessageLite* message) {
  const std::string_view payload = request_.payload;
  if (message->ParseFromArray(payload.data(), static_cast<int>(payload.size()))) return true;
  requester_.Refuse(request_.id, ErrorCode::kAdminBadRequest, message->GetTypeName());
  return false;
}

void AdminRequest::Reply(const google::protobuf::MessageLite& message) {
  requester_.SendMessage(request_.reply_to, message.SerializeAsString());
}

Session* AdminRequest::FindClient(const std::string& client_id) {
  Session* session = shard_.clients.Find(client_id);
  if (session == nullptr) requester_.Refuse(request_.id, ErrorCode::kNoSuchClient, client_id);
  return session;
}

uint32_t AdminRequest::PageSize(uint32_t asked) {
  const uint32_t page_max = shard_.limits().admin_page_max;
  return asked == 0 ? page_max : std::min(asked, page_max);
}

size_t AdminRequest::Room() {
  if (reply_bytes_ == 0) return std::numeric_limits<size_t>::max();
  const size_t taken = reply_bytes_ + kOtherFieldsBytesMax + kEntryHeadBytesMax;
  const size_t reply_bytes_max = shard_.limits().payload_bytes_max;
  return reply_bytes_max - std::min(reply_bytes_max, taken);
}

bool AdminRequest::Take(const google::protobuf::MessageLite& entry) {
  const size_t entry_bytes = entry.ByteSizeLong();
  if (entry_bytes > Room()) return false;
  reply_bytes_ += entry_bytes + kEntryHeadBytesMax;
  return true;
}

void AdminRequest::Info() {
  admin::InfoRequest request;
  if (!Parse(&request)) return;
  admin::Info info;
  info.set_server(shard_.host.server);
  info.set_uptime_ms(static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                               shard_.executor.clock().Now() - shard_.started)
                                               .count()));
  info.set_loops(shard_.host.loops);
  for (const std::string& listener : shard_.host.listeners()) info.add_listeners(listener);
  info.set_clients(shard_.clients.size());
  info.set_subscriptions(shard_.router.index().subscriptions());
  info.set_arena_bytes(shard_.host.arena_bytes());
  info.set_backlog_bytes(shard_.backlog_pool.bytes());
  Reply(info);
}

void AdminRequest::Clients() {
  admin::ClientsRequest request;
  if (!Parse(&request)) return;
  admin::Clients reply;
  const base::TimePoint now = shard_.executor.TurnTime();
  if (!request.client_id().empty()) {
    const Session* session = FindClient(request.client_id());
    if (session == nullptr) return;
    FillClient(*session, now, reply.add_clients());
    return Reply(reply);
  }
  const auto& sessions = shard_.clients.sessions();
  const auto page_size = static_cast<int>(PageSize(request.limit()));
  auto next = sessions.upper_bound(request.after_session_id());
  for (; next != sessions.end() && reply.clients_size() < page_size; ++next) {
    admin::Client client;
    FillClient(*next->second, now, &client);
    if (!Take(client)) break;
    *reply.add_clients() = std::move(client);
  }
  reply.set_more(next != sessions.end());
  Reply(reply);
}

void AdminRequest::Subscriptions() {
  admin::SubscriptionsRequest request;
  if (!Parse(&request)) return;
  admin::Subscriptions reply;
  if (!request.client_id().empty()) {
    const Session* session = FindClient(request.client_id());
    if (session == nullptr) return;
    AddSubscriptions(*session, request, &reply);
    return Reply(reply);
  }
  const auto& sessions = shard_.clients.sessions();
  for (auto next = sessions.lower_bound(request.after_session_id());
       next != sessions.end() && !reply.more(); ++next) {
    AddSubscriptions(*next->second, request, &reply);
  }
  Reply(reply);
}

void AdminRequest::AddSubscriptions(const Session& session,
                                    const admin::SubscriptionsRequest& request,
                                    admin::Subscriptions* reply) {
  const bool continues = session.id() == request.after_session_id();
  std::vector<const Subscription*> in_order;
  for (const auto& [filter, subscription] : session.subscriptions()) {
    if (!continues || filter > request.after_filter()) in_order.push_back(subscription.get());
  }
  std::sort(in_order.begin(), in_order.end(),
            [](const auto* a, const auto* b) { return a->filter < b->filter; });
  const auto page_size = static_cast<int>(PageSize(request.limit()));
  for (const Subscription* subscription : in_order) {
    admin::Subscription filled;
    FillSubscription(session, *subscription, &filled);
    if (reply->subscriptions_size() == page_size || !Take(filled)) return reply->set_more(true);
    *reply->add_subscriptions() = std::move(filled);
  }
}

void AdminRequest::Metrics() {
  admin::MetricsRequest request;
  if (!Parse(&request)) return;
  admin::Metrics reply;
  reply.set_time_us(static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                              shard_.executor.clock().Now() - shard_.started)
                                              .count()));
  const auto add = [&](std::string_view name, std::string_view label, uint64_t value) {
    admin::Metric& metric = *reply.add_metrics();
    metric.set_name(std::string(name));
    metric.set_label(std::string(label));
    metric.set_value(value);
  };
  shard_.metrics.ForEach(add);
  add("arena_bytes", "", shard_.host.arena_bytes());
  add("backlog_bytes", "", shard_.backlog_pool.bytes());
  add("backlog_messages", "", shard_.backlog_pool.messages());
  Reply(reply);
}

void AdminRequest::Recv() {
  constexpr uint32_t kDefaultLimit = 100;
  admin::RecvRequest request;
  if (!Parse(&request)) return;
  if (!shard_.settings().recv_queue) {
    return requester_.Refuse(request_.id, ErrorCode::kRecvQueueOff);
  }
  Session* session = FindClient(request.client_id());
  if (session == nullptr) return;
  const uint32_t limit = request.limit() == 0 ? kDefaultLimit : PageSize(request.limit());
  admin::Recv reply;
  for (uint32_t i = 0; i < limit; ++i) {
    const std::optional<std::string> saved = session->sink().PopReceived(Room());
    esockets::Message message;
    if (!saved || !message.ParseFromString(*saved)) break;
    admin::ReceivedMessage& received = *reply.add_messages();
    received.set_topic(message.topic());
    received.set_payload(message.payload());
    Take(received);  // there is room: it is shorter than what was saved
  }
  const SinkView view = session->sink().View();
  reply.set_remaining(view.recv_queue_messages);
  reply.set_dropped_total(view.recv_queue_dropped_total);
  Reply(reply);
}

void AdminRequest::Kick() {
  admin::KickRequest request;
  if (!Parse(&request)) return;
  Session* session = FindClient(request.client_id());
  if (session == nullptr) return;
  admin::Kick reply;
  reply.set_session_id(session->id());
  const std::string_view reason =
      base::CutUtf8(request.reason(), shard_.limits().disconnect_reason_bytes_max);
  // The answer first: one may kick oneself, and then wants to read it.
  Reply(reply);
  if (session == &requester_) {
    session->EndAfterFlush(CloseCode::kKicked, reason);
  } else {
    session->End(CloseCode::kKicked, reason);
  }
}

void AdminRequest::Drain() {
  admin::DrainRequest request;
  if (!Parse(&request)) return;
  admin::Drain reply;
  reply.set_clients(shard_.clients.size());
  Reply(reply);
  shard_.host.request_drain();
}

}  // namespace esockets::broker
