#include "broker/admin_view.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "broker/acl_view.h"
#include "broker/admin_who.h"
#include "broker/closed_view.h"
#include "broker/limits_view.h"
#include "broker/slow_view.h"
#include "broker/stream_view.h"
#include "broker/trace_view.h"
#include "proto/admin.pb.h"
#include "proto/esockets.pb.h"

namespace esockets::broker {
namespace {

void FillClient(const Session& session, base::TimePoint now,
                admin::Client* client) ESOCKETS_ON_LOOP {
  const SinkView view = session.sink().View();
  const Outbox& outbox = session.outbox();
  FillWho(WhoIs(session), view, client);
  client->set_connected_ms(base::Millis(now - session.connected_at()));
  client->set_subscriptions(static_cast<uint32_t>(session.subscription_count()));
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
  for (const auto& [key, value] : session.about().metadata) {
    (*client->mutable_metadata())[key] = value;
  }
}

struct NamedSubscription {
  const Subscription* subscription;
  std::string_view group;  // empty: none

  auto name() const { return std::pair(subscription->filter(), group); }
};

void FillSubscription(const Session& session, const NamedSubscription& named,
                      admin::Subscription* filled) {
  const Subscription& subscription = *named.subscription;
  filled->set_group(std::string(named.group));
  filled->set_session_id(session.id());
  filled->set_client_id(std::string(session.client_id()));
  filled->set_filter(std::string(subscription.filter()));
  filled->set_overflow(std::string(OverflowText(subscription.overflow)));
  filled->set_delivered_messages_total(subscription.delivered_messages_total);
  filled->set_dropped_messages_total(subscription.dropped_messages_total());
  filled->set_dropped_bytes_total(subscription.dropped_bytes_total());
  filled->set_backlog_messages(subscription.backlog ? subscription.backlog->messages : 0);
}

}  // namespace

const AdminView::Question AdminView::kQuestions[] = {
    {"$SYS/info", &AdminView::Info},       {"$SYS/clients", &AdminView::Clients},
    {"$SYS/metrics", &AdminView::Metrics}, {"$SYS/subscriptions", &AdminView::Subscriptions},
    {"$SYS/recv", &AdminView::Recv},       {"$SYS/kick", &AdminView::Kick},
    {"$SYS/drain", &AdminView::Drain},     {kLimitsTopic, &AdminView::Limits},
    {kSlowTopic, &AdminView::Slow},        {kClosedTopic, &AdminView::Closed},
    {kTraceTopic, &AdminView::Trace},      {kStreamsTopic, &AdminView::Streams},
    {kAclTopic, &AdminView::Acl},
};

bool AdminView::Knows(std::string_view topic) {
  return std::ranges::find(kQuestions, topic, &Question::topic) != std::end(kQuestions);
}

AdminAnswerParcel AdminView::Answer() {
  answer_.question = ask_.question;
  const Question* question = std::ranges::find(kQuestions, ask_.topic, &Question::topic);
  (this->*question->handle)();
  return std::move(answer_);
}

bool AdminView::Parse(google::protobuf::MessageLite* message) {
  if (message->ParseFromString(ask_.payload)) return true;
  Refuse(ErrorCode::kAdminBadRequest, message->GetTypeName());
  return false;
}

void AdminView::Reply(const google::protobuf::MessageLite& message) {
  answer_.content = message.SerializeAsString();
}

void AdminView::Refuse(ErrorCode code, std::string_view detail) {
  answer_.refused = true;
  answer_.code = code;
  answer_.content = detail;
}

Session* AdminView::FindClient() {
  Session* session = shard_.clients.Find(ask_.session);
  if (session != nullptr && !session->connecting()) return session;
  Refuse(ErrorCode::kNoSuchClient, ask_.client_id.value_or(""));
  return nullptr;
}

void AdminView::Info() {
  admin::InfoRequest request;
  if (!Parse(&request)) return;
  admin::Info info;
  info.set_server(shard_.host.server);
  info.set_uptime_ms(base::Millis(shard_.executor.clock().Now() - shard_.started));
  info.set_loops(shard_.siblings.count());
  for (const std::string& listener : shard_.host.listeners()) info.add_listeners(listener);
  info.set_clients(shard_.clients.size());
  info.set_subscriptions(shard_.metrics.subscriptions.value());
  info.set_arena_bytes(shard_.host.arena_bytes());
  info.set_backlog_bytes(shard_.backlog_pool.bytes());
  FillLoop(info.add_loop());
  Reply(info);
}

void AdminView::FillLoop(admin::Loop* loop) {
  const broker::Metrics& metrics = shard_.metrics;
  loop->set_index(shard_.siblings.self());
  loop->set_clients(shard_.clients.size());
  loop->set_subscriptions(metrics.subscriptions.value());
  loop->set_published_messages_total(metrics.published_messages_total.value());
  loop->set_delivered_messages_total(metrics.delivered_messages_total.value());
  loop->set_forwarded_messages_total(metrics.forwarded_messages_total.value());
  loop->set_exchange_pauses_total(metrics.exchange_pauses_total.value());
  loop->set_arena_bytes(shard_.host.arena_bytes());
  loop->set_backlog_bytes(shard_.backlog_pool.bytes());
}

void AdminView::Clients() {
  admin::ClientsRequest request;
  if (!Parse(&request)) return;
  admin::Clients reply;
  const base::TimePoint now = shard_.executor.TurnTime();
  if (!request.client_id().empty()) {
    const Session* session = FindClient();
    if (session == nullptr) return;
    FillClient(*session, now, reply.add_clients());
    return Reply(reply);
  }
  const auto& sessions = shard_.clients.sessions();
  AdminPage page(shard_.limits(), request.limit());
  auto next = sessions.upper_bound(request.after_session_id());
  for (; next != sessions.end(); ++next) {
    admin::Client client;
    FillClient(**next, now, &client);
    if (!page.Take(client)) break;
    *reply.add_clients() = std::move(client);
  }
  reply.set_more(next != sessions.end());
  Reply(reply);
}

void AdminView::Subscriptions() {
  admin::SubscriptionsRequest request;
  if (!Parse(&request)) return;
  admin::Subscriptions reply;
  AdminPage page(shard_.limits(), request.limit());
  if (!request.client_id().empty()) {
    const Session* session = FindClient();
    if (session == nullptr) return;
    AddSubscriptions(*session, request, &page, &reply);
    return Reply(reply);
  }
  const auto& sessions = shard_.clients.sessions();
  for (auto next = sessions.lower_bound(request.after_session_id());
       next != sessions.end() && !reply.more(); ++next) {
    AddSubscriptions(**next, request, &page, &reply);
  }
  Reply(reply);
}

void AdminView::AddSubscriptions(const Session& session, const admin::SubscriptionsRequest& request,
                                 AdminPage* page, admin::Subscriptions* reply) {
  const bool continues = session.id() == request.after_session_id();
  const std::pair<std::string_view, std::string_view> after(request.after_filter(),
                                                            request.after_group());
  std::vector<NamedSubscription> in_order;
  const auto add = [&](const Subscription& one, std::string_view group) {
    const NamedSubscription named{&one, group};
    if (!continues || named.name() > after) in_order.push_back(named);
  };
  session.subscriptions().ForEach([&](const Subscription& one) { add(one, {}); });
  if (session.in_groups()) shard_.group_deliveries.ForEachOf(session.id(), add);
  std::ranges::sort(in_order, {}, &NamedSubscription::name);
  for (const NamedSubscription& named : in_order) {
    admin::Subscription filled;
    FillSubscription(session, named, &filled);
    if (!page->Take(filled)) return reply->set_more(true);
    *reply->add_subscriptions() = std::move(filled);
  }
}

void AdminView::Metrics() {
  admin::MetricsRequest request;
  if (!Parse(&request)) return;
  admin::Metrics reply;
  reply.set_time_us(base::Micros(shard_.executor.clock().Now() - shard_.started));
  const auto add = [&](std::string_view name, std::string_view label, uint64_t value) {
    admin::Metric& metric = *reply.add_metrics();
    metric.set_name(std::string(name));
    metric.set_label(std::string(label));
    metric.set_value(value);
  };
  shard_.streams.NoteFigures();
  shard_.metrics.ForEach(add);
  add("arena_bytes", "", shard_.host.arena_bytes());
  add("backlog_bytes", "", shard_.backlog_pool.bytes());
  add("backlog_messages", "", shard_.backlog_pool.messages());
  shard_.host.figures(add);
  Reply(reply);
}

void AdminView::Slow() {
  admin::SlowRequest request;
  if (!Parse(&request)) return;
  if (request.client_id().empty()) return Reply(SlowClients(shard_, request.limit()));
  if (const Session* session = FindClient()) Reply(SlowClients(shard_, *session));
}

void AdminView::Closed() {
  admin::ClosedRequest request;
  if (!Parse(&request)) return;
  Reply(ClosedClients(shard_.past_sessions, request, shard_.limits()));
}

void AdminView::Trace() {
  admin::TraceRequest request;
  if (!Parse(&request)) return;
  if (const auto refusal = CheckTrace(request)) return Refuse(refusal->code, refusal->detail);
  const Session* only = nullptr;
  if (!request.client_id().empty()) {
    only = FindClient();
    if (only == nullptr) return;
  }
  shard_.router.CloseRun();  // what was published before waits in the outboxes
  Reply(TraceMessage(shard_, request, only));
}

void AdminView::Acl() {
  admin::AclRequest request;
  if (!Parse(&request)) return;
  if (const auto refusal = CheckAcl(request, shard_.settings())) {
    return Refuse(refusal->code, refusal->detail);
  }
  Reply(ExplainAcl(request, shard_.settings()));
}

void AdminView::Limits() {
  admin::LimitsRequest request;
  if (!Parse(&request)) return;
  shard_.streams.NoteFigures();
  if (request.client_id().empty()) return Reply(LimitsOnLoop(shard_));
  if (const Session* session = FindClient()) Reply(LimitsOfClient(shard_, *session));
}

void AdminView::Streams() {
  admin::StreamsRequest request;
  if (!Parse(&request)) return;
  if (!request.name().empty() && !shard_.streams.rules().Named(request.name())) {
    return Refuse(ErrorCode::kNoSuchStream, request.name());
  }
  Reply(StreamsOnLoop(shard_, request));
}

void AdminView::Recv() {
  constexpr uint32_t kDefaultLimit = 100;
  admin::RecvRequest request;
  if (!Parse(&request)) return;
  Session* session = FindClient();
  if (session == nullptr) return;
  AdminPage page(shard_.limits(), request.limit() == 0 ? kDefaultLimit : request.limit());
  admin::Recv reply;
  for (uint32_t i = 0; i < page.entries_max(); ++i) {
    const std::optional<std::string> saved = session->sink().PopReceived(page.Room());
    esockets::Message message;
    if (!saved || !message.ParseFromString(*saved)) break;
    admin::ReceivedMessage& received = *reply.add_messages();
    received.set_topic(message.topic());
    received.set_payload(message.payload());
    page.Take(received);  // there is room: it is shorter than what was saved
  }
  const SinkView view = session->sink().View();
  reply.set_remaining(view.recv_queue_messages);
  reply.set_dropped_total(view.recv_queue_dropped_total);
  Reply(reply);
}

void AdminView::Kick() {
  admin::KickRequest request;
  if (!Parse(&request)) return;
  Session* session = FindClient();
  if (session == nullptr) return;
  admin::Kick reply;
  reply.set_session_id(session->id());
  const std::string_view reason =
      base::CutUtf8(request.reason(), shard_.limits().disconnect_reason_bytes_max);
  Reply(reply);
  // One may kick oneself, and then wants to read the answer: Admin sees to that.
  if (session->id() != ask_.requester) session->End(CloseCode::kKicked, reason);
}

void AdminView::Drain() {
  admin::DrainRequest request;
  if (!Parse(&request)) return;
  admin::Drain reply;
  reply.set_clients(shard_.clients.size());
  Reply(reply);
}

}  // namespace esockets::broker
