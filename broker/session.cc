#include "broker/session.h"

#include <algorithm>

#include "base/check.h"
#include "base/log.h"
#include "base/utf8.h"
#include "broker/command_checks.h"
#include "broker/server_frames.h"
#include "broker/session_limits.h"
#include "broker/session_tickets.h"

namespace esockets::broker {

// --- coming -------------------------------------------------------------------------------------

const SessionAbout SessionAbout::kAnybody{
    .identity = {.user = "", .admin = true}, .name = "", .metadata = {}};

Session::Session(Shard* shard, SessionSink* sink) : shard_(*shard), outbox_(sink) {
  NeedRare().timer =
      shard_.executor.RunAt(shard_.executor.TurnTime() + shard_.limits().connect_timeout, [this] {
        shard_.executor.AssertOnLoop();
        End(CloseCode::kConnectTimeout,
            base::StrCat("limit ", base::Millis(shard_.limits().connect_timeout), " ms"));
      });
}

Session::~Session() { ESOCKETS_CHECK(subscriptions_.empty()); }

SessionRare& Session::NeedRare() {
  if (rare_ == nullptr) rare_ = std::make_unique<SessionRare>();
  return *rare_;
}

std::string_view Session::client_id() const {
  if (client_id_ != nullptr) return client_id_->text();
  return rare_ == nullptr ? std::string_view() : rare_->wanted_client_id;
}

const Limits& Session::limits() const {
  const ClientClass* const own = shard_.settings().classes.Find(class_);
  return own == nullptr ? shard_.limits() : own->limits;
}

uint32_t Session::frame_bytes_max() const {
  return state_ == State::kNew ? std::min(limits().first_packet_bytes_max, limits().frame_bytes_max)
                               : limits().frame_bytes_max;
}

void Session::OnFrame(const proto::ClientFrameView& frame) {
  NoteInput();
  NoteCommand(frame);
  const bool is_connect = frame.kind() == proto::ClientFrameKind::kConnect;
  if (state_ == State::kNew && !is_connect) return End(CloseCode::kConnectExpected, "");
  if (state_ != State::kNew && is_connect) return End(CloseCode::kConnectedTwice, "");
  ESOCKETS_CHECK(!connecting());  // reading is paused
  if (!is_connect) SessionLimits(this).PaceInput(1);
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
    case proto::ClientFrameKind::kRefresh:
      return OnRefresh(std::get<proto::RefreshView>(frame.command));
  }
}

namespace {

std::shared_ptr<Will> MakeWill(const proto::WillView& view, uint64_t session) {
  auto will = std::make_shared<Will>();
  will->message.Assign(view.message.topic, view.message.forwarded());
  will->reply_to = view.message.reply_to;
  will->delay = std::chrono::milliseconds(view.delay_ms);
  will->session = session;
  return will;
}

}  // namespace

void Session::OnConnect(const proto::ConnectView& connect) {
  const Limits& limits = shard_.limits();
  if (const auto refusal = CheckConnect(connect, limits)) {
    return End(refusal->code, refusal->detail);
  }
  rare_->said = std::make_unique<SessionAbout>(
      SessionAbout{.identity = {}, .name = std::string(connect.name), .metadata = {}});
  for (const auto& [key, value] : connect.metadata) rare_->said->metadata.emplace_back(key, value);
  if (connect.will) rare_->said_will = MakeWill(*connect.will, id());
  rare_->keep_alive = connect.keep_alive_ms != 0 ? std::chrono::milliseconds(connect.keep_alive_ms)
                                                 : limits.keep_alive;
  rare_->chose_client_id = !connect.client_id.empty();
  rare_->wanted_client_id =
      rare_->chose_client_id ? std::string(connect.client_id) : base::StrCat("client-", id());
  state_ = State::kConnecting;
  shard_.clients.AddConnecting(this);
  if (auto verdict = SessionTickets(this).Judge(connect)) {
    OnVerdict(*std::move(verdict));
  } else {
    Authenticate({.token = connect.token, .user = connect.user, .password = connect.password},
                 &Session::OnVerdict);
  }
  // Whoever answers may take its time, and the id's home is another loop: what the client has sent
  // behind its Connect must wait.
  if (state_ != State::kConnecting) return;
  rare_->reading_waits = true;
  sink().PauseReading();
}

void Session::ClaimClientId() {
  shard_.siblings.Post(shard_.siblings.HomeOf(rare_->wanted_client_id),
                       ClientIdClaimParcel{.client_id = rare_->wanted_client_id,
                                           .user = identity().user,
                                           .session = id(),
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
  if (!SessionLimits(this).EnterQuotas()) return;
  state_ = State::kConnected;
  connected_at_ = shard_.executor.TurnTime();
  rare_->last_input = connected_at_;
  rare_->wanted_client_id = std::string();
  shard_.executor.Cancel(rare_->timer);
  shard_.clients.Add(this);
  shard_.metrics.connects_total.Add();
  shard_.metrics.clients.Set(shard_.clients.size());
  base::Log(base::LogLevel::kDebug, "client connected",
            {{"session", id()}, {"client", client_id()}, {"user", identity().user}});
  sink().SendFrame(ConnectedFrame({.client_id = client_id(),
                                   .session_id = id(),
                                   .keep_alive = rare_->keep_alive,
                                   .server = shard_.host.server,
                                   .inbox = shard_.client_inboxes.NameOf(id()),
                                   .credentials_expire_in = credentials_expire_in(),
                                   .ticket = SessionTickets(this).Issue()},
                                  limits()));
  WatchExpiry();
  const bool waited = std::exchange(rare_->reading_waits, false);
  if (rare_->keep_alive != base::Duration::zero()) {
    WatchKeepAlive();
  } else if (rare_->about == nullptr && rare_->will == nullptr && rare_->permissions == nullptr &&
             class_ == 0) {
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
                       ClientIdKeptParcel{std::string(client_id()), id()});
}

// The client has promised a sign of life within every keep-alive; half as long again is allowed for
// the way, in which its transport is asked if it can be. While we keep it from sending, its silence
// is ours.
void Session::WatchKeepAlive() {
  const base::Duration patience = rare_->keep_alive + rare_->keep_alive / 2;
  const base::Duration wait = rare_->probed ? patience : rare_->keep_alive;
  rare_->timer = shard_.executor.RunAt(rare_->last_input + wait, [this, patience] {
    shard_.executor.AssertOnLoop();
    const base::TimePoint now = shard_.executor.TurnTime();
    if (sink().reading_paused()) rare_->last_input = now;
    const base::Duration quiet = now - rare_->last_input;
    if (quiet < patience) {
      const bool ask = quiet >= rare_->keep_alive && !rare_->probed;
      rare_->probed = quiet >= rare_->keep_alive;
      if (ask) sink().ProbePeer();
      return WatchKeepAlive();
    }
    End(CloseCode::kKeepAliveTimeout, base::StrCat("silent for ", base::Millis(quiet), " ms"));
  });
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

void Session::OnRunClosed(uint64_t id) {
  if (!ended()) sink().SendAnswer(Answer::kPublished, id);
}

void Session::SendMessage(std::string_view topic, std::string_view payload) {
  shard_.router.CloseRun();
  sink().SendFrame(MessageFrame(topic, payload));
}

void Session::SendGap(const Subscription& subscription, const Gap& gap) {
  shard_.metrics.gaps_total.Add();
  Note(FlightKind::kGap, subscription.filter(), gap.messages, gap.bytes);
  sink().SendFrame(GapFrame(subscription.filter(), gap, shard_.executor.clock()));
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
  shard_.stream_readers.OnRoom(outbox_);
  shard_.snapshots.OnRoom(outbox_);
  if (in_groups_) shard_.group_deliveries.OnRoom(outbox_);
  if (state_ != State::kDraining) return;
  // The router may be in the middle of a run: a session leaves when it is done.
  shard_.executor.AtTurnEnd([this] {
    shard_.executor.AssertOnLoop();
    EndIfDrained();
  });
}

void Session::OnPaced(base::Duration wait) {
  shard_.executor.RunAt(shard_.executor.TurnTime() + wait, [&shard = shard_, id = id()] {
    shard.executor.AssertOnLoop();
    Session* const session = shard.clients.Find(id);
    if (session == nullptr) return;
    session->outbox_.OnPaceDue();
    session->OnSendQueueLow();
  });
}

void Session::Drain() {
  if (is_new() || connecting()) return End(CloseCode::kShuttingDown, "");
  if (state_ != State::kConnected) return;
  shard_.router.CloseRun();
  const uint32_t retry_after_ms = SessionTickets(this).TakeSlot();
  sink().SendFrame(
      GoAwayFrame(CloseCode::kShuttingDown, retry_after_ms, SessionTickets(this).Issue()));
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
    EndWith({.code = CloseCode::kSlowConsumer,
             .detail = detail,
             .retry_after_ms = SessionTickets(this).TakeSlot()});
  });
}

void Session::End(CloseCode code, std::string_view detail) {
  EndWith({.code = code, .detail = detail});
}

void Session::EndAfterFlush(CloseCode code, std::string_view detail) {
  EndWith({.code = code, .detail = detail, .flush_first = true});
}

namespace {

void LogEnd(const Session& session, CloseCode code, std::string_view detail, base::LogLevel level) {
  base::Log(level, "client closed",
            {{"session", session.id()},
             {"client", session.client_id()},
             {"code", static_cast<uint32_t>(code)},
             {"reason", Info(code).name},
             {"detail", detail},
             {"dropped_messages", session.outbox().dropped_messages_total()}});
}

}  // namespace

void Session::EndWith(const SessionSink::Ending& ending) {
  if (state_ == State::kEnded) return;
  LogEnd(*this, ending.code, ending.detail,
         ending.flush_first ? base::LogLevel::kDebug : base::LogLevel::kInfo);
  Leave(ending.code, ending.detail,
        ending.flush_first ? Unsent::kIsSent : Unsent::kFrameIsFinished);
  sink().Close(ending);
}

void Session::OnGone(CloseCode code, std::string_view detail) {
  if (state_ == State::kEnded) return;
  // Who has said nothing is a port scanner, or a load balancer that looks whether we are alive.
  if (state_ != State::kNew) LogEnd(*this, code, detail, base::LogLevel::kDebug);
  // Who has only said that it sends no more still gets the rest of a frame.
  Leave(code, detail, code == CloseCode::kLeft ? Unsent::kFrameIsFinished : Unsent::kLost);
}

void Session::Leave(CloseCode code, std::string_view detail, Unsent unsent) {
  shard_.router.CloseRun();
  Remember(code, detail);
  state_ = State::kEnded;
  shard_.clients.Remove(this);
  shard_.metrics.clients.Set(shard_.clients.size());
  if (rare_ != nullptr) shard_.executor.Cancel(rare_->timer);
  if (rare_ != nullptr && rare_->expiry != nullptr) shard_.executor.Cancel(rare_->expiry->timer);
  outbox_.Close();
  shard_.slow_ledger.Forget(outbox_);
  shard_.metrics.subscriptions.Subtract(subscription_count());
  if (in_groups_) shard_.group_deliveries.Close(id(), unsent);
  if (shard_.presence.configured()) shard_.presence.OnEnded(id(), code);
  while (!subscriptions_.empty()) Remove(subscriptions_.Any());
  shard_.client_inboxes.Close(id());
  SessionLimits(this).LeaveQuotas();
  if (client_id_ == nullptr) return;
  if (rare_ != nullptr && rare_->will != nullptr && Wills::Holds(code)) {
    shard_.wills.OnEnded(client_id(), std::move(rare_->will));
  }
  // Last: whoever takes over may be let in within the call.
  std::string released(std::exchange(client_id_, nullptr)->text());
  const uint32_t home = shard_.siblings.HomeOf(released);
  shard_.siblings.Post(home, ClientIdReleasedParcel{std::move(released), id()});
}

}  // namespace esockets::broker
