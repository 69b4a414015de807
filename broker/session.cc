#include "broker/session.h"

#include <algorithm>
#include <variant>

#include "base/check.h"
#include "base/log.h"
#include "base/topic.h"
#include "base/utf8.h"
#include "proto/esockets.pb.h"
#include "proto/server_frame_encoder.h"

namespace esockets::broker {
namespace {

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};

constexpr uint32_t kProtocolVersion = 1;
constexpr uint32_t kGapReasons[] = {esockets::Gap::BACKLOG_FULL, esockets::Gap::BROKER_MEMORY};

}  // namespace

// --- coming -------------------------------------------------------------------------------------

Session::Session(Shard* shard, uint64_t id, SessionSink* sink)
    : shard_(*shard),
      sink_(*sink),
      id_(id),
      outbox_(sink, this, &shard->backlog_pool, &shard->metrics, &shard->limits()) {
  timer_ =
      shard_.executor.RunAt(shard_.executor.TurnTime() + shard_.limits().connect_timeout, [this] {
        shard_.executor.AssertOnLoop();
        End(CloseCode::kConnectTimeout, "");
      });
}

Session::~Session() { ESOCKETS_CHECK(subscriptions_.empty()); }

uint32_t Session::frame_bytes_max() const {
  return state_ == State::kNew
             ? std::min(shard_.limits().first_packet_bytes_max, shard_.limits().frame_bytes_max)
             : shard_.limits().frame_bytes_max;
}

void Session::OnFrame(const proto::ClientFrameView& frame) {
  last_input_ = shard_.executor.TurnTime();
  const bool is_connect = frame.kind() == proto::ClientFrameKind::kConnect;
  if (state_ == State::kNew && !is_connect) return End(CloseCode::kConnectExpected, "");
  if (state_ != State::kNew && is_connect) return End(CloseCode::kConnectedTwice, "");
  std::visit(Overloaded{[&](const proto::ConnectView& connect) {
                          shard_.executor.AssertOnLoop();
                          OnConnect(connect);
                        },
                        [&](const proto::SubscribeView& subscribe) {
                          shard_.executor.AssertOnLoop();
                          OnSubscribe(subscribe);
                        },
                        [&](const proto::UnsubscribeView& unsubscribe) {
                          shard_.executor.AssertOnLoop();
                          OnUnsubscribe(unsubscribe);
                        },
                        [&](const proto::PublishView& publish) {
                          shard_.executor.AssertOnLoop();
                          OnPublish(publish);
                        },
                        [&](const proto::PingView& ping) {
                          shard_.executor.AssertOnLoop();
                          SendAnswer(Answer::kPong, ping.id);
                        },
                        [&](const proto::DisconnectView& disconnect) {
                          shard_.executor.AssertOnLoop();
                          EndWith({.code = CloseCode::kGoodbye,
                                   .detail = disconnect.reason.substr(
                                       0, shard_.limits().disconnect_reason_bytes_max),
                                   .flush_first = true});
                        }},
             frame.command);
}

void Session::OnMalformed(CloseCode code, std::string_view detail) { End(code, detail); }

void Session::OnConnect(const proto::ConnectView& connect) {
  if (!CheckConnect(connect)) return;
  std::optional<Identity> identity = shard_.settings().authenticator->Authenticate(
      {.token = connect.token, .user = connect.user, .password = connect.password});
  if (!identity) return End(CloseCode::kNotAuthenticated, "");
  identity_ = *std::move(identity);
  if (!TakeClientId(connect.client_id)) return;
  name_ = connect.name;
  for (const auto& [key, value] : connect.metadata) metadata_.emplace_back(key, value);
  keep_alive_ = connect.keep_alive_ms != 0 ? std::chrono::milliseconds(connect.keep_alive_ms)
                                           : shard_.limits().keep_alive;
  state_ = State::kConnected;
  connected_at_ = shard_.executor.TurnTime();
  shard_.executor.Cancel(timer_);
  shard_.clients.Add(client_id_, id_, this);
  shard_.metrics.connects_total.Add();
  shard_.metrics.clients.Set(shard_.clients.size());
  base::Log(base::LogLevel::kDebug, "client connected",
            {{"session", id_}, {"client", client_id_}, {"user", identity_.user}});
  SendConnected();
  WatchKeepAlive();
}

bool Session::CheckConnect(const proto::ConnectView& connect) {
  const Limits& limits = shard_.limits();
  const auto refuse = [&](CloseCode code, std::string_view detail) {
    shard_.executor.AssertOnLoop();
    End(code, detail);
    return false;
  };
  if (connect.protocol_version != kProtocolVersion) {
    return refuse(CloseCode::kUnsupportedVersion,
                  base::StrCat("version ", connect.protocol_version, " was asked for"));
  }
  if (shard_.clients.size() >= limits.clients_max) {
    return refuse(CloseCode::kTooManyClients, base::StrCat("limit ", limits.clients_max));
  }
  if (connect.client_id.size() > limits.client_id_bytes_max) {
    return refuse(CloseCode::kClientIdInvalid,
                  base::StrCat("longer than ", limits.client_id_bytes_max, " bytes"));
  }
  if (connect.name.size() > limits.name_bytes_max) {
    return refuse(CloseCode::kConnectInvalid,
                  base::StrCat("name is longer than ", limits.name_bytes_max, " bytes"));
  }
  if (connect.metadata_count > limits.metadata_entries_max ||
      connect.metadata_bytes > limits.metadata_bytes_max) {
    return refuse(CloseCode::kConnectInvalid, "metadata is over its limit");
  }
  if (!connect.resume.empty()) {
    return refuse(CloseCode::kConnectInvalid, "resume is reserved for a later version");
  }
  return true;
}

// A second connection with the same id takes over, if it is the same user's.
bool Session::TakeClientId(std::string_view wanted) {
  if (wanted.empty()) {
    client_id_ = base::StrCat("client-", id_);
    // Somebody may have chosen that very name.
    while (shard_.clients.Find(client_id_) != nullptr) client_id_ += "x";
    return true;
  }
  if (Session* older = shard_.clients.Find(wanted)) {
    if (older->identity_.user != identity_.user) {
      End(CloseCode::kClientIdInvalid, "another user is connected with this id");
      return false;
    }
    older->End(CloseCode::kTakenOver, base::StrCat("by session ", id_));
  }
  client_id_ = wanted;
  return true;
}

void Session::SendConnected() {
  const Limits& limits = shard_.limits();
  ServerFrame frame;
  Connected& connected = *frame.mutable_connected();
  connected.set_protocol_version(kProtocolVersion);
  connected.set_client_id(client_id_);
  connected.set_session_id(id_);
  connected.set_keep_alive_ms(static_cast<uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(keep_alive_).count()));
  connected.set_server(shard_.host.server);
  esockets::Limits& told = *connected.mutable_limits();
  told.set_frame_bytes_max(limits.frame_bytes_max);
  told.set_payload_bytes_max(limits.payload_bytes_max);
  told.set_topic_bytes_max(static_cast<uint32_t>(limits.topic.topic_bytes_max));
  told.set_topic_levels_max(static_cast<uint32_t>(limits.topic.topic_levels_max));
  told.set_subscriptions_max(limits.subscriptions_max);
  told.set_backlog_messages_max(limits.backlog_messages_max);
  told.set_backlog_bytes_max(limits.backlog_bytes_max);
  sink_.SendFrame(frame);
}

// The client has promised a sign of life within every keep-alive; half as long again is allowed for
// the way. While we keep it from sending, its silence is ours.
void Session::WatchKeepAlive() {
  if (keep_alive_ == base::Duration::zero()) return;
  const base::Duration patience = keep_alive_ + keep_alive_ / 2;
  timer_ = shard_.executor.RunAt(last_input_ + patience, [this, patience] {
    shard_.executor.AssertOnLoop();
    const base::TimePoint now = shard_.executor.TurnTime();
    if (sink_.reading_paused()) last_input_ = now;
    if (now - last_input_ < patience) return WatchKeepAlive();
    const auto silent = std::chrono::duration_cast<std::chrono::milliseconds>(now - last_input_);
    End(CloseCode::kKeepAliveTimeout, base::StrCat("silent for ", silent.count(), " ms"));
  });
}

// --- requests -----------------------------------------------------------------------------------

// Ids rise, so that an answer always names one request.
bool Session::TakeRequestId(uint64_t id) {
  if (id == 0) {
    Refuse(id, ErrorCode::kBadRequestId);
    return false;
  }
  if (id <= last_request_id_) {
    Refuse(id, ErrorCode::kDuplicateRequestId, base::StrCat("the last one was ", last_request_id_));
    return false;
  }
  last_request_id_ = id;
  return true;
}

void Session::OnSubscribe(const proto::SubscribeView& subscribe) {
  if (!TakeRequestId(subscribe.id) || !CheckSubscribe(subscribe)) return;
  const Limits& limits = shard_.limits();
  const auto found = subscriptions_.find(subscribe.filter);
  Subscription* subscription = nullptr;
  if (found != subscriptions_.end()) {
    subscription = found->second.get();
    shard_.router.CloseRun();  // what was published before is offered under the old contract
  } else {
    auto created = std::make_unique<Subscription>(&outbox_);
    subscription = created.get();
    shard_.router.Add(subscribe.filter, subscription);
    subscriptions_.emplace(subscription->filter, std::move(created));
    shard_.metrics.subscriptions.Add();
  }
  subscription->overflow =
      subscribe.overflow == OVERFLOW_DEFAULT
          ? shard_.settings().default_overflow
          : (subscribe.overflow == OVERFLOW_DISCONNECT ? Overflow::kDisconnect
                                                       : Overflow::kDropOldest);
  const auto at_most = [](auto asked, auto limit) {
    return asked == 0 ? limit : std::min(asked, limit);
  };
  subscription->backlog_messages_max =
      at_most(subscribe.max_backlog_messages, limits.backlog_messages_max);
  subscription->backlog_bytes_max = at_most(subscribe.max_backlog_bytes, limits.backlog_bytes_max);
  SendAnswer(Answer::kSubscribed, subscribe.id);
}

bool Session::CheckSubscribe(const proto::SubscribeView& subscribe) {
  const Limits& limits = shard_.limits();
  if (const auto error = base::CheckFilter(subscribe.filter, limits.topic);
      error != base::TopicError::kOk) {
    Refuse(subscribe.id, ErrorCode::kFilterInvalid, base::TopicErrorText(error));
    return false;
  }
  if (!subscribe.group.empty()) {
    Refuse(subscribe.id, ErrorCode::kUnsupported, "group");
    return false;
  }
  const bool known = subscribe.overflow == OVERFLOW_DEFAULT ||
                     subscribe.overflow == OVERFLOW_DROP_OLDEST ||
                     subscribe.overflow == OVERFLOW_DISCONNECT;
  if (!known) {
    Refuse(subscribe.id, ErrorCode::kUnsupported, base::StrCat("overflow ", subscribe.overflow));
    return false;
  }
  if (subscriptions_.size() >= limits.subscriptions_max &&
      !subscriptions_.contains(subscribe.filter)) {
    Refuse(subscribe.id, ErrorCode::kTooManySubscriptions,
           base::StrCat("limit ", limits.subscriptions_max));
    return false;
  }
  return true;
}

void Session::OnUnsubscribe(const proto::UnsubscribeView& unsubscribe) {
  if (!TakeRequestId(unsubscribe.id)) return;
  const auto found = subscriptions_.find(unsubscribe.filter);
  if (found == subscriptions_.end()) return Refuse(unsubscribe.id, ErrorCode::kNotSubscribed);
  // The map's key lies in the index: the entry goes first.
  const std::unique_ptr<Subscription> subscription = std::move(found->second);
  subscriptions_.erase(found);
  shard_.router.Remove(subscription.get());
  outbox_.Forget(subscription.get());
  shard_.metrics.subscriptions.Subtract(1);
  SendAnswer(Answer::kUnsubscribed, unsubscribe.id);
}

void Session::OnPublish(const proto::PublishView& publish) {
  if (publish.id != 0 && !TakeRequestId(publish.id)) return;
  if (!CheckPublish(publish)) return;
  if (base::IsReserved(publish.topic)) return OnRequest(publish);
  const Message message{.topic = publish.topic, .fields = publish.forwarded(), .publisher = id_};
  ++messages_in_total_;
  shard_.metrics.published_messages_total.Add();
  shard_.metrics.published_bytes_total.Add(publish.payload.size());
  if (shard_.settings().recv_queue) sink_.SaveReceived(message);
  if (shard_.router.Publish(message) == 0) shard_.metrics.unmatched_messages_total.Add();
  if (publish.id != 0) shard_.router.NotifyAfterRun(this, publish.id);
}

bool Session::CheckPublish(const proto::PublishView& publish) {
  const Limits& limits = shard_.limits();
  const auto refuse = [&](ErrorCode code, std::string_view detail) {
    shard_.executor.AssertOnLoop();
    Refuse(publish.id, code, detail);
    return false;
  };
  if (const auto error = base::CheckTopic(publish.topic, limits.topic);
      error != base::TopicError::kOk) {
    return refuse(ErrorCode::kTopicInvalid, base::TopicErrorText(error));
  }
  if (publish.payload.size() > limits.payload_bytes_max) {
    return refuse(ErrorCode::kPayloadTooLarge,
                  base::StrCat(publish.payload.size(), " bytes; limit ", limits.payload_bytes_max));
  }
  if (!publish.reply_to.empty()) {
    if (const auto error = base::CheckTopic(publish.reply_to, limits.topic);
        error != base::TopicError::kOk) {
      return refuse(ErrorCode::kReplyToInvalid, base::TopicErrorText(error));
    }
    // Nobody shall be led to send the broker a request by answering a message.
    if (base::IsReserved(publish.reply_to)) {
      return refuse(ErrorCode::kReplyToInvalid, "reserved topic");
    }
  }
  if (publish.header_count > limits.headers_max ||
      publish.header_bytes_max > limits.header_bytes_max) {
    return refuse(ErrorCode::kHeadersTooLarge,
                  base::StrCat(publish.header_count, " headers, the longest of ",
                               publish.header_bytes_max, " bytes"));
  }
  if (publish.key.size() > limits.key_bytes_max) {
    return refuse(ErrorCode::kKeyTooLong, base::StrCat(publish.key.size(), " bytes"));
  }
  return true;
}

void Session::OnRequest(const proto::PublishView& publish) {
  if (!publish.topic.starts_with("$SYS/")) {
    return Refuse(publish.id, ErrorCode::kReservedTopic, publish.topic);
  }
  if (publish.reply_to.empty()) {
    return Refuse(publish.id, ErrorCode::kAdminBadRequest, "reply_to is missing");
  }
  if (!identity_.admin) {
    return Refuse(publish.id, ErrorCode::kNotPermitted, "administration");
  }
  shard_.system_requests->Handle(publish, this);
}

// --- answers ------------------------------------------------------------------------------------

void Session::SendAnswer(Answer answer, uint64_t id) {
  shard_.router.CloseRun();  // an answer does not overtake what was published before it
  sink_.SendAnswer(answer, id);
}

void Session::OnRunClosed(uint64_t id) {
  if (state_ != State::kEnded) sink_.SendAnswer(Answer::kPublished, id);
}

void Session::Refuse(uint64_t request_id, ErrorCode code, std::string_view detail) {
  shard_.router.CloseRun();
  const ErrorInfo& info = Info(code);
  shard_.metrics.of(code).Add();
  ServerFrame frame;
  Error& error = *frame.mutable_error();
  error.set_id(request_id);
  error.set_code(static_cast<uint32_t>(code));
  error.set_text(std::string(info.text));
  // A topic that is not UTF-8 may be quoted here.
  if (base::IsValidUtf8(detail)) error.set_detail(std::string(detail));
  error.set_retryable(info.retryable);
  error.set_advice(std::string(info.advice));
  sink_.SendFrame(frame);
}

void Session::SendMessage(std::string_view topic, std::string_view payload) {
  shard_.router.CloseRun();
  ServerFrame frame;
  frame.mutable_message()->set_topic(std::string(topic));
  frame.mutable_message()->set_payload(std::string(payload));
  sink_.SendFrame(frame);
}

void Session::SendGap(const Subscription& subscription, const Gap& gap) {
  shard_.metrics.gaps_total.Add();
  const base::TimePoint now = shard_.executor.clock().Now();
  const int64_t wall_now_us = shard_.executor.clock().WallMicros();
  const auto wall_us = [&](base::TimePoint time) {
    return static_cast<uint64_t>(
        wall_now_us - std::chrono::duration_cast<std::chrono::microseconds>(now - time).count());
  };
  ServerFrame frame;
  esockets::Gap& told = *frame.mutable_gap();
  told.set_filter(std::string(subscription.filter));
  told.set_messages(gap.messages);
  told.set_bytes(gap.bytes);
  told.set_from_us(wall_us(gap.from));
  told.set_to_us(wall_us(gap.to));
  told.set_reason(static_cast<esockets::Gap::Reason>(kGapReasons[static_cast<size_t>(gap.reason)]));
  sink_.SendFrame(frame);
}

// --- going --------------------------------------------------------------------------------------

void Session::OnSendQueueLow() {
  outbox_.Drain();
  EndIfDrained();
}

void Session::Drain(uint32_t retry_after_ms) {
  if (state_ == State::kNew) return End(CloseCode::kShuttingDown, "");
  if (state_ != State::kConnected) return;
  shard_.router.CloseRun();
  const CloseInfo& info = Info(CloseCode::kShuttingDown);
  ServerFrame frame;
  GoAway& go_away = *frame.mutable_go_away();
  go_away.set_code(static_cast<uint32_t>(info.code));
  go_away.set_text(std::string(info.text));
  go_away.set_retry_after_ms(retry_after_ms);
  sink_.SendFrame(frame);
  retry_after_ms_ = retry_after_ms;
  state_ = State::kDraining;
  EndIfDrained();
}

void Session::EndIfDrained() {
  if (state_ != State::kDraining || outbox_.behind()) return;
  EndWith({.code = CloseCode::kShuttingDown,
           .detail = "",
           .flush_first = true,
           .retry_after_ms = retry_after_ms_});
}

void Session::OnOverflow(const std::string& detail) {
  // The router is in the middle of a run: the session leaves the index when it is done.
  shard_.executor.AtTurnEnd([this, detail] {
    shard_.executor.AssertOnLoop();
    End(CloseCode::kSlowConsumer, detail);
  });
}

void Session::End(CloseCode code, std::string_view detail) {
  EndWith({.code = code, .detail = detail});
}

void Session::EndWith(const SessionSink::Ending& ending) {
  if (state_ == State::kEnded) return;
  const uint64_t dropped = outbox_.dropped_messages_total();
  Leave();
  shard_.metrics.of(ending.code).Add();
  base::Log(ending.flush_first ? base::LogLevel::kDebug : base::LogLevel::kInfo, "client closed",
            {{"session", id_},
             {"client", client_id_},
             {"code", static_cast<uint32_t>(ending.code)},
             {"reason", Info(ending.code).name},
             {"detail", ending.detail},
             {"dropped_messages", dropped}});
  sink_.Close(ending);
}

void Session::OnGone() {
  if (state_ != State::kEnded) Leave();
}

void Session::Leave() {
  shard_.router.CloseRun();
  if (state_ != State::kNew) {
    shard_.clients.Remove(client_id_, id_);
    shard_.metrics.clients.Set(shard_.clients.size());
  }
  state_ = State::kEnded;
  shard_.executor.Cancel(timer_);
  outbox_.Close();
  shard_.metrics.subscriptions.Subtract(subscriptions_.size());
  while (!subscriptions_.empty()) {
    const auto first = subscriptions_.begin();
    const std::unique_ptr<Subscription> subscription = std::move(first->second);
    subscriptions_.erase(first);
    shard_.router.Remove(subscription.get());
  }
}

}  // namespace esockets::broker
