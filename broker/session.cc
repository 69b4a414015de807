#include "broker/session.h"

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "base/log.h"
#include "base/topic.h"
#include "base/utf8.h"
#include "broker/command_checks.h"
#include "broker/server_frames.h"
#include "proto/esockets.pb.h"

namespace esockets::broker {

// --- coming -------------------------------------------------------------------------------------

const Session::About Session::kAnybody{
    .identity = {.user = "", .admin = true}, .name = "", .metadata = {}};

Session::Session(Shard* shard, uint64_t id, SessionSink* sink)
    : shard_(*shard), id_(id), outbox_(sink, this, &shard->outbox_context) {
  NeedRare().timer =
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
  NoteInput();
  const bool is_connect = frame.kind() == proto::ClientFrameKind::kConnect;
  if (state_ == State::kNew && !is_connect) return End(CloseCode::kConnectExpected, "");
  if (state_ != State::kNew && is_connect) return End(CloseCode::kConnectedTwice, "");
  ESOCKETS_CHECK(!connecting());  // reading is paused
  switch (frame.kind()) {
    case proto::ClientFrameKind::kConnect:
      return OnConnect(std::get<proto::ConnectView>(frame.command));
    case proto::ClientFrameKind::kSubscribe:
      return OnSubscribe(std::get<proto::SubscribeView>(frame.command));
    case proto::ClientFrameKind::kUnsubscribe:
      return OnUnsubscribe(std::get<proto::UnsubscribeView>(frame.command));
    case proto::ClientFrameKind::kPublish:
      return OnPublish(std::get<proto::PublishView>(frame.command));
    case proto::ClientFrameKind::kPing:
      return SendAnswer(Answer::kPong, std::get<proto::PingView>(frame.command).id);
    case proto::ClientFrameKind::kDisconnect:
      return OnDisconnect(std::get<proto::DisconnectView>(frame.command));
  }
}

void Session::OnConnect(const proto::ConnectView& connect) {
  const Limits& limits = shard_.limits();
  if (const auto refusal = CheckConnect(connect, limits)) {
    return End(refusal->code, refusal->detail);
  }
  std::optional<Identity> identity = shard_.settings().authenticator->Authenticate(
      {.token = connect.token, .user = connect.user, .password = connect.password});
  if (!identity) return End(CloseCode::kNotAuthenticated, "");
  About about{.identity = *std::move(identity), .name = std::string(connect.name), .metadata = {}};
  for (const auto& [key, value] : connect.metadata) about.metadata.emplace_back(key, value);
  if (about != kAnybody) rare_->about = std::make_unique<const About>(std::move(about));
  rare_->keep_alive = connect.keep_alive_ms != 0 ? std::chrono::milliseconds(connect.keep_alive_ms)
                                                 : limits.keep_alive;
  rare_->chose_client_id = !connect.client_id.empty();
  rare_->wanted_client_id =
      rare_->chose_client_id ? std::string(connect.client_id) : base::StrCat("client-", id_);
  state_ = State::kConnecting;
  shard_.clients.AddConnecting(id_, this);
  ClaimClientId();
  // The id's home is another loop: what the client has sent behind its Connect must wait.
  if (state_ != State::kConnecting) return;
  rare_->waits_for_client_id = true;
  sink().PauseReading();
}

void Session::ClaimClientId() {
  shard_.siblings.Post(shard_.siblings.HomeOf(rare_->wanted_client_id),
                       ClientIdClaimParcel{.client_id = rare_->wanted_client_id,
                                           .user = identity().user,
                                           .session = id_,
                                           .take_over = rare_->chose_client_id});
}

void Session::OnClientIdAnswer(const ClientIdAnswerParcel& answer) {
  using Outcome = ClientIdAnswerParcel::Outcome;
  switch (answer.outcome) {
    case Outcome::kGranted:
      client_id_ = answer.entry;
      return BecomeConnected();
    case Outcome::kTaken:  // somebody has chosen the very name that we made up
      rare_->wanted_client_id += "x";
      return ClaimClientId();
    case Outcome::kOtherUser:
      return End(CloseCode::kClientIdInvalid, "another user is connected with this id");
    case Outcome::kTooManyClients:
      return End(CloseCode::kTooManyClients, base::StrCat("limit ", shard_.limits().clients_max));
  }
}

void Session::BecomeConnected() {
  state_ = State::kConnected;
  connected_at_ = shard_.executor.TurnTime();
  rare_->last_input = connected_at_;
  rare_->wanted_client_id = std::string();
  shard_.executor.Cancel(rare_->timer);
  shard_.clients.Add(id_, this);
  shard_.metrics.connects_total.Add();
  shard_.metrics.clients.Set(shard_.clients.size());
  base::Log(base::LogLevel::kDebug, "client connected",
            {{"session", id_}, {"client", client_id()}, {"user", identity().user}});
  sink().SendFrame(
      ConnectedFrame(client_id(), id_, rare_->keep_alive, shard_.host.server, shard_.limits()));
  const bool waited = std::exchange(rare_->waits_for_client_id, false);
  if (rare_->keep_alive != base::Duration::zero()) {
    WatchKeepAlive();
  } else if (rare_->about == nullptr) {
    rare_.reset();
  }
  if (waited) sink().ResumeReading();
}

// A second connection with the same id takes over, if it is the same user's.
void Session::OnEvict(const ClientIdEvictParcel& evict) {
  if (evict.user == identity().user) {
    return End(CloseCode::kTakenOver, base::StrCat("by session ", evict.by_session));
  }
  shard_.siblings.Post(shard_.siblings.HomeOf(client_id()),
                       ClientIdKeptParcel{std::string(client_id()), id_});
}

// The client has promised a sign of life within every keep-alive; half as long again is allowed for
// the way. While we keep it from sending, its silence is ours.
void Session::WatchKeepAlive() {
  const base::Duration patience = rare_->keep_alive + rare_->keep_alive / 2;
  rare_->timer = shard_.executor.RunAt(rare_->last_input + patience, [this, patience] {
    shard_.executor.AssertOnLoop();
    const base::TimePoint now = shard_.executor.TurnTime();
    if (sink().reading_paused()) rare_->last_input = now;
    const base::Duration quiet = now - rare_->last_input;
    if (quiet < patience) return WatchKeepAlive();
    const auto silent = std::chrono::duration_cast<std::chrono::milliseconds>(quiet);
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
  if (!TakeRequestId(subscribe.id)) return;
  const Limits& limits = shard_.limits();
  if (const auto refusal = CheckSubscribe(subscribe, limits)) {
    return Refuse(subscribe.id, refusal->code, refusal->detail);
  }
  Subscription* subscription = FindOrAddSubscription(subscribe.filter);
  if (subscription == nullptr) {
    return Refuse(subscribe.id, ErrorCode::kTooManySubscriptions,
                  base::StrCat("limit ", limits.subscriptions_max));
  }
  if (subscribe.overflow == OVERFLOW_DEFAULT) {
    subscription->overflow = shard_.settings().default_overflow;
  } else {
    subscription->overflow =
        subscribe.overflow == OVERFLOW_DISCONNECT ? Overflow::kDisconnect : Overflow::kDropOldest;
  }
  const auto at_most = [](auto asked, auto limit) {
    return asked == 0 ? limit : std::min(asked, limit);
  };
  subscription->backlog_messages_max =
      at_most(subscribe.max_backlog_messages, limits.backlog_messages_max);
  subscription->backlog_bytes_max = static_cast<uint32_t>(
      std::min<uint64_t>(at_most(subscribe.max_backlog_bytes, limits.backlog_bytes_max),
                         std::numeric_limits<uint32_t>::max()));
  if (shard_.router.interest().WaitUntilConfirmed(subscribe.filter, {id_, subscribe.id})) {
    ++unconfirmed_subscribes_;
  } else {
    SendAnswer(Answer::kSubscribed, subscribe.id);
  }
}

void Session::OnInterestConfirmed(uint64_t request_id) {
  SendAnswer(Answer::kSubscribed, request_id);
  if (--unconfirmed_subscribes_ > 0 || state_ != State::kDisconnecting) return;
  EndAfterFlush(CloseCode::kGoodbye, rare_->disconnect_reason);
}

// Null: the client has as many as it may.
Subscription* Session::FindOrAddSubscription(std::string_view filter) {
  if (Subscription* found = subscriptions_.Find(filter)) {
    shard_.router.BeforeContractChange();
    return found;
  }
  if (subscriptions_.size() >= shard_.limits().subscriptions_max) return nullptr;
  shard_.metrics.subscriptions.Add();
  return subscriptions_.Add(&outbox_, [&](Subscription* added) {
    shard_.executor.AssertOnLoop();
    shard_.router.Add(filter, added);
  });
}

void Session::OnUnsubscribe(const proto::UnsubscribeView& unsubscribe) {
  if (!TakeRequestId(unsubscribe.id)) return;
  Subscription* subscription = subscriptions_.Find(unsubscribe.filter);
  if (subscription == nullptr) return Refuse(unsubscribe.id, ErrorCode::kNotSubscribed);
  // A Subscribe that other loops have not confirmed is answered before its end.
  for (const auto& pending : shard_.router.interest().TakePending(unsubscribe.filter, id_)) {
    OnInterestConfirmed(pending.request_id);
  }
  Remove(subscription);
  shard_.metrics.subscriptions.Subtract(1);
  SendAnswer(Answer::kUnsubscribed, unsubscribe.id);
}

void Session::Remove(Subscription* subscription) {
  subscriptions_.Remove(subscription, [this](Subscription* leaving) {
    shard_.executor.AssertOnLoop();
    shard_.router.Remove(leaving);
    outbox_.Forget(leaving);
  });
}

void Session::OnPublish(const proto::PublishView& publish) {
  if (publish.id != 0 && !TakeRequestId(publish.id)) return;
  // Most often the topic is that of the last message, and only valid ones are routed.
  const bool topic_is_valid = shard_.router.JustMatched(publish.topic);
  if (const auto refusal = CheckPublish(publish, shard_.limits(), topic_is_valid)) {
    return Refuse(publish.id, refusal->code, refusal->detail);
  }
  if (base::IsReserved(publish.topic)) return OnRequest(publish);
  const Message message{.topic = publish.topic, .fields = publish.forwarded(), .publisher = id_};
  ++messages_in_total_;
  shard_.metrics.published_messages_total.Add();
  shard_.metrics.published_bytes_total.Add(publish.payload.size());
  if (shard_.settings().recv_queue) sink().SaveReceived(message);
  const Router::Routed routed = shard_.router.Publish(message);
  if (routed.sessions == 0 && routed.loops == 0) shard_.metrics.unmatched_messages_total.Add();
  if (publish.id != 0) shard_.router.NotifyAfterRun(this, publish.id);
  if (routed.loops != 0 && !waits_for_credit_) WaitForCredit(routed.loops);
}

// A loop that does not keep up: whoever publishes to it waits, nobody else does.
void Session::WaitForCredit(uint64_t loops) {
  if (!shard_.router.exchange().WaitForCredit(loops, id_)) return;
  waits_for_credit_ = true;
  sink().PauseReading();
}

void Session::OnCredit() {
  if (std::exchange(waits_for_credit_, false)) sink().ResumeReading();
}

void Session::OnRequest(const proto::PublishView& publish) {
  if (!publish.topic.starts_with("$SYS/")) {
    return Refuse(publish.id, ErrorCode::kReservedTopic, publish.topic);
  }
  if (publish.reply_to.empty()) {
    return Refuse(publish.id, ErrorCode::kAdminBadRequest, "reply_to is missing");
  }
  if (!identity().admin) {
    return Refuse(publish.id, ErrorCode::kNotPermitted, "administration");
  }
  shard_.system_requests->Handle(publish, this);
}

// --- answers ------------------------------------------------------------------------------------

void Session::SendAnswer(Answer answer, uint64_t id) {
  shard_.router.CloseRun();  // an answer does not overtake what was published before it
  sink().SendAnswer(answer, id);
}

void Session::Refuse(uint64_t request_id, ErrorCode code, std::string_view detail) {
  shard_.router.CloseRun();
  shard_.metrics.of(code).Add();
  sink().SendFrame(ErrorFrame(request_id, code, detail));
}

void Session::SendMessage(std::string_view topic, std::string_view payload) {
  shard_.router.CloseRun();
  sink().SendFrame(MessageFrame(topic, payload));
}

void Session::SendGap(const Subscription& subscription, const Gap& gap) {
  shard_.metrics.gaps_total.Add();
  sink().SendFrame(GapFrame(subscription.filter, gap, shard_.executor.clock()));
}

// --- going --------------------------------------------------------------------------------------

void Session::OnDisconnect(const proto::DisconnectView& disconnect) {
  const std::string_view reason =
      base::CutUtf8(disconnect.reason, shard_.limits().disconnect_reason_bytes_max);
  if (unconfirmed_subscribes_ == 0) return EndAfterFlush(CloseCode::kGoodbye, reason);
  state_ = State::kDisconnecting;
  NeedRare().disconnect_reason = reason;
  sink().PauseReading();
}

void Session::OnSendQueueLow() {
  outbox_.Drain();
  if (state_ != State::kDraining) return;
  // The router may be in the middle of a run: a session leaves when it is done.
  shard_.executor.AtTurnEnd([this] {
    shard_.executor.AssertOnLoop();
    EndIfDrained();
  });
}

void Session::Drain(uint32_t retry_after_ms) {
  if (is_new() || connecting()) return End(CloseCode::kShuttingDown, "");
  if (state_ != State::kConnected) return;
  shard_.router.CloseRun();
  sink().SendFrame(GoAwayFrame(CloseCode::kShuttingDown, retry_after_ms));
  NeedRare().retry_after_ms = retry_after_ms;
  state_ = State::kDraining;
  EndIfDrained();
}

void Session::EndIfDrained() {
  if (state_ != State::kDraining || outbox_.behind()) return;
  EndWith({.code = CloseCode::kShuttingDown,
           .detail = "",
           .flush_first = true,
           .retry_after_ms = rare_->retry_after_ms});
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

void Session::EndAfterFlush(CloseCode code, std::string_view detail) {
  EndWith({.code = code, .detail = detail, .flush_first = true});
}

void Session::EndWith(const SessionSink::Ending& ending) {
  if (state_ == State::kEnded) return;
  const uint64_t dropped = outbox_.dropped_messages_total();
  const std::string client_id_was(client_id());
  Leave();
  shard_.metrics.of(ending.code).Add();
  base::Log(ending.flush_first ? base::LogLevel::kDebug : base::LogLevel::kInfo, "client closed",
            {{"session", id_},
             {"client", client_id_was},
             {"code", static_cast<uint32_t>(ending.code)},
             {"reason", Info(ending.code).name},
             {"detail", ending.detail},
             {"dropped_messages", dropped}});
  sink().Close(ending);
}

void Session::Leave() {
  shard_.router.CloseRun();
  state_ = State::kEnded;
  shard_.clients.Remove(id_);
  shard_.metrics.clients.Set(shard_.clients.size());
  if (rare_ != nullptr) shard_.executor.Cancel(rare_->timer);
  outbox_.Close();
  shard_.metrics.subscriptions.Subtract(subscriptions_.size());
  while (!subscriptions_.empty()) Remove(subscriptions_.Any());
  // Last: whoever takes over may be let in within the call.
  if (client_id_ == nullptr) return;
  std::string released(std::exchange(client_id_, nullptr)->text());
  const uint32_t home = shard_.siblings.HomeOf(released);
  shard_.siblings.Post(home, ClientIdReleasedParcel{std::move(released), id_});
}

}  // namespace esockets::broker
