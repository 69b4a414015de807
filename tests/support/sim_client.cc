#include "tests/support/sim_client.h"

#include <utility>

#include "base/check.h"
#include "base/strings.h"
#include "proto/varint.h"

namespace esockets::tests {

namespace {

// No two loops of a broker may give the same number.
constexpr uint64_t kSessionsOfALoop = 1'000'000;

broker::Place WithTotals(broker::Place place, broker::BrokerTotals* totals) {
  if (place.totals == nullptr) place.totals = totals;
  return place;
}

}  // namespace

SimBroker::SimBroker(broker::Settings settings, uint32_t chunk_bytes, broker::Place place)
    : wire_form(&executor.clock(), chunk_bytes),
      shard(&executor, &wire_form, std::move(settings), host, WithTotals(place, &totals)),
      slow_reports(&shard),
      admin(&shard),
      inbox(&shard, &admin),
      next_session_id_(place.loop * kSessionsOfALoop + 1) {
  shard.system_requests = &admin;
  executor.set_flush([this] { Flush(); });
  executor.BeginTurn();
}

void SimBroker::Flush() {
  executor.AssertOnLoop();
  for (SimClient* client : clients_) {
    const uint64_t before = client->sink.sent_bytes_total();
    const bool low = client->sink.Flush();
    if (client->gone()) continue;
    const uint64_t sent = client->sink.sent_bytes_total() - before;
    if (sent > 0) client->session().OnFlushed(sent, client->sink.unsent_bytes());
    if (low && !client->session().ended()) client->session().OnSendQueueLow();
    if (client->session().ended()) client->Vanish();
  }
}

SimClient::SimClient(SimBroker* broker) : broker_(*broker) {
  sink.set_session(broker->next_session_id_++, nullptr);
  session_ = std::make_shared<broker::Session>(&broker->shard, &sink);
  sink.set_session(sink.session_id(), &session_->events());
  broker_.clients_.push_back(this);
  sink.set_on_low([this] {
    broker_.executor.AssertOnLoop();
    if (session_ && !session_->ended()) session_->OnSendQueueLow();
  });
}

SimClient::SimClient(SimBroker* broker, std::string_view client_id) : SimClient(broker) {
  Connect(client_id);
  sink.Flush();
  const std::vector<ServerFrame> frames = sink.TakeFrames();
  ESOCKETS_CHECK(frames.size() == 1 && frames[0].has_connected());
}

SimClient::~SimClient() {
  std::erase(broker_.clients_, this);
  if (gone()) return;
  const bool in_turn = broker_.executor.in_turn();
  if (!in_turn) broker_.executor.BeginTurn();
  broker_.executor.AssertOnLoop();
  Vanish();
  // The sink dies with the client, so the session cannot outlive this.
  broker_.executor.EndTurn();
  if (in_turn) broker_.executor.BeginTurn();
}

void SimClient::Vanish() {
  if (gone()) return;
  session_->OnGone(broker::CloseCode::kConnectionLost, "");
  broker_.executor.DeleteLater(std::move(session_));
  session_ = nullptr;
}

void SimBroker::Input() {
  for (SimClient* client : clients_) client->TakeWaiting();
}

void SimClient::Send(const ClientFrame& frame) {
  if (gone() || session_->ended()) return;
  waiting_.push_back(frame);
  TakeWaiting();
}

void SimClient::Uncork() {
  corked_ = false;
  TakeWaiting();
}

void SimClient::TakeWaiting() {
  while (!corked_ && !waiting_.empty() && !gone() && !session_->ended() && !sink.reading_paused()) {
    size_t taken = TakePublishes();
    if (taken == 0) taken = TakeOne();
    for (size_t i = 0; i < taken; ++i) {
      const ClientFrame frame = std::move(waiting_.front());
      waiting_.pop_front();
      observer_.after(frame);
    }
  }
}

// As a codec does.
size_t SimClient::TakePublishes() {
  std::string bytes;
  for (const ClientFrame& frame : waiting_) {
    if (!frame.has_publish()) break;
    char prefix[proto::kVarint64BytesMax];
    bytes.append(prefix, proto::PutVarint(frame.ByteSizeLong(), prefix));
    frame.AppendToString(&bytes);
  }
  const auto runs =
      publishes_.Cut(bytes, session_->publish_limits(),
                     [this](std::string_view topic) { return session_->TakesPublishesTo(topic); });
  if (runs.empty()) return 0;
  size_t taken = 0;
  for (const auto& run : runs.first(session_->OnPublishes(runs))) taken += run.frames().count();
  return taken;
}

size_t SimClient::TakeOne() {
  const ClientFrame& frame = waiting_.front();
  observer_.before(frame);
  const std::string bytes = frame.SerializeAsString();
  const proto::DecodeError error = proto::DecodeClientFrame(bytes, &view_);
  if (error == proto::DecodeError::kOk) {
    session_->OnFrame(view_);
  } else {
    session_->End(broker::CloseCode::kProtocolError, proto::DecodeErrorText(error));
  }
  return 1;
}

namespace {

ClientFrame ConnectFrame(std::string_view client_id) {
  ClientFrame frame;
  frame.mutable_connect()->set_protocol_version(1);
  frame.mutable_connect()->set_client_id(std::string(client_id));
  return frame;
}

}  // namespace

void SimClient::Connect(std::string_view client_id) { Send(ConnectFrame(client_id)); }

void SimClient::Connect(std::string_view client_id, const esockets::Will& will) {
  ClientFrame frame = ConnectFrame(client_id);
  *frame.mutable_connect()->mutable_will() = will;
  Send(frame);
}

uint64_t SimClient::Subscribe(std::string_view filter, const Options& options) {
  ClientFrame frame;
  esockets::Subscribe& subscribe = *frame.mutable_subscribe();
  subscribe.set_id(next_request_id_);
  subscribe.set_filter(std::string(filter));
  subscribe.set_overflow(options.overflow);
  subscribe.set_max_backlog_messages(options.messages_max);
  subscribe.set_max_backlog_bytes(options.bytes_max);
  subscribe.set_max_backlog_age_ms(options.age_max_ms);
  subscribe.set_start(options.start);
  subscribe.set_start_at(options.start_at);
  subscribe.set_start_epoch(options.start_epoch);
  subscribe.set_skip_last_values(options.skip_last_values);
  subscribe.set_group(options.group);
  subscribe.set_group_strategy(options.strategy);
  Send(frame);
  return next_request_id_++;
}

uint64_t SimClient::Unsubscribe(std::string_view filter, std::string_view group) {
  ClientFrame frame;
  frame.mutable_unsubscribe()->set_id(next_request_id_);
  frame.mutable_unsubscribe()->set_filter(std::string(filter));
  frame.mutable_unsubscribe()->set_group(std::string(group));
  Send(frame);
  return next_request_id_++;
}

void SimClient::Publish(std::string_view topic, std::string_view payload,
                        const MessageOptions& options) {
  SendPublish(topic, payload, options, 0);
}

uint64_t SimClient::PublishAcked(std::string_view topic, std::string_view payload,
                                 const MessageOptions& options) {
  SendPublish(topic, payload, options, next_request_id_);
  return next_request_id_++;
}

void SimClient::SendPublish(std::string_view topic, std::string_view payload,
                            const MessageOptions& options, uint64_t id) {
  ClientFrame frame;
  esockets::Publish& publish = *frame.mutable_publish();
  publish.set_topic(std::string(topic));
  publish.set_payload(std::string(payload));
  publish.set_key(options.key);
  publish.set_ttl_ms(options.ttl_ms);
  publish.set_message_id(options.message_id);
  publish.set_reply_to(options.reply_to);
  publish.set_confirm_ms(options.confirm_ms);
  publish.set_id(id);
  Send(frame);
}

uint64_t SimClient::Request(std::string_view topic, std::string_view payload) {
  ClientFrame frame;
  frame.mutable_publish()->set_topic(std::string(topic));
  frame.mutable_publish()->set_payload(std::string(payload));
  frame.mutable_publish()->set_reply_to("reply");
  frame.mutable_publish()->set_id(next_request_id_);
  Send(frame);
  return next_request_id_++;
}

uint64_t SimClient::Refresh(std::string_view token) {
  ClientFrame frame;
  frame.mutable_refresh()->set_id(next_request_id_);
  frame.mutable_refresh()->set_token(std::string(token));
  Send(frame);
  return next_request_id_++;
}

void SimClient::Ping(uint64_t id) {
  ClientFrame frame;
  frame.mutable_ping()->set_id(id);
  Send(frame);
}

void SimClient::Disconnect(std::string_view reason) {
  ClientFrame frame;
  frame.mutable_disconnect()->set_reason(std::string(reason));
  Send(frame);
}

namespace {

std::string MessageLine(const Message& message) {
  if (!message.group().empty()) {
    return base::StrCat(message.group(), ": ", message.topic(), "=", message.payload());
  }
  const std::string line = base::StrCat(message.topic(), "=", message.payload());
  return message.position() == 0 ? line : base::StrCat(message.position(), " ", line);
}

std::string SubscribedLine(const Subscribed& subscribed) {
  std::string line = base::StrCat("subscribed ", subscribed.id());
  if (subscribed.last_values()) line += " with last values";
  if (!subscribed.has_stream()) return line;
  base::StrAppend(&line, " behind ", subscribed.stream().position());
  if (subscribed.stream().overflow() == OVERFLOW_CONFLATE) line += " under CONFLATE";
  return subscribed.stream().recovered() ? line : line + ", not recovered";
}

std::string PublishedLine(const Published& published) {
  std::string line = base::StrCat("published ", published.id());
  if (!published.has_stored()) return line;
  base::StrAppend(&line, " at ", published.stored().position());
  return published.stored().repeated() ? line + " already" : line;
}

std::string GapLine(const Gap& gap) {
  if (!gap.group().empty()) {
    return base::StrCat(gap.group(), ": gap ", gap.filter(), " ", gap.messages());
  }
  const std::string line = base::StrCat("gap ", gap.filter(), " ", gap.messages());
  return gap.to_position() == 0
             ? line
             : base::StrCat(line, " (", gap.from_position(), "-", gap.to_position(), ")");
}

}  // namespace

std::string LineOf(const ServerFrame& frame) {
  switch (frame.kind_case()) {
    case ServerFrame::kConnected:
      return base::StrCat("connected ", frame.connected().client_id());
    case ServerFrame::kMessage:
      return MessageLine(frame.message());
    case ServerFrame::kSubscribed:
      return SubscribedLine(frame.subscribed());
    case ServerFrame::kUnsubscribed:
      return base::StrCat("unsubscribed ", frame.unsubscribed().id());
    case ServerFrame::kPublished:
      return PublishedLine(frame.published());
    case ServerFrame::kGap:
      return GapLine(frame.gap());
    case ServerFrame::kGoAway:
      return base::StrCat("go away ", frame.go_away().code());
    case ServerFrame::kClose:
      return base::StrCat("close ", frame.close().code());
    case ServerFrame::kError:
      return base::StrCat("error ", frame.error().id(), " ", frame.error().code());
    case ServerFrame::kPong:
      return base::StrCat("pong ", frame.pong().id());
    case ServerFrame::kRefreshed:
      return base::StrCat("refreshed ", frame.refreshed().id(), " for ",
                          frame.refreshed().credentials_expire_in_ms(), " ms");
    case ServerFrame::kSnapshotEnd:
      return base::StrCat("snapshot end ", frame.snapshot_end().filter());
    case ServerFrame::KIND_NOT_SET:
      break;
  }
  return "?";
}

std::vector<std::string> SimClient::Lines() {
  std::vector<std::string> lines;
  for (const ServerFrame& frame : sink.TakeFrames()) lines.push_back(LineOf(frame));
  return lines;
}

}  // namespace esockets::tests
