#include "clients/cpp/session.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "clients/cpp/frames.h"
#include "clients/cpp/limits.h"
#include "clients/cpp/server_frames.h"
#include "clients/cpp/stream_start.h"
#include "proto/esockets.pb.h"
#include "proto/frame_delimiter.h"

namespace esockets::client {
namespace {

bool IsOfRequest(const BrokerError& error) {
  return error.code == kNoRespondersCode || error.code == kInboxNotAllowedCode;
}

}  // namespace

Session::Session(base::Executor* loop, Transport* transport, OutgoingBuffer* outgoing,
                 ClientOptions options, ClientEvents events)
    : loop_(*loop),
      transport_(*transport),
      outgoing_(*outgoing),
      options_(std::move(options)),
      events_(std::move(events)),
      frame_bytes_max_(kFrameBytesMaxBeforeConnected),
      backoff_(options_.backoff_min, options_.backoff_max, options_.dice),
      tokens_(loop, options_, TokenHooks()),
      subscriptions_(outgoing) {
  transport_.set_listener(this);
}

void Session::Start() {
  if (phase_ == Phase::kNew) Dial();
}

// --- a connection, from its beginning -----------------------------------------------------------

void Session::Dial() {
  phase_ = Phase::kDialing;
  dialed_at_ = loop_.TurnTime();
  SetState(State::kConnecting, absl::OkStatus());
  if (phase_ == Phase::kDialing) transport_.Dial();
}

void Session::OnUp() {
  phase_ = Phase::kGreeting;
  // What is left of it: the transport has watched its own part.
  SetTimer(dialed_at_ + options_.connect_timeout - loop_.TurnTime(), [](Session* self) {
    self->loop_.AssertOnLoop();
    self->Fail(absl::DeadlineExceededError("the broker did not answer Connect in time"));
  });
  tokens_.AskForConnect(!ticket_.empty(), [this](const absl::StatusOr<std::string>& token) {
    loop_.AssertOnLoop();
    Greet(token);
  });
}

void Session::Greet(const absl::StatusOr<std::string>& token) {
  if (!token.ok()) return Fail(token.status());
  AppendConnect(options_, *token, ticket_.Show(options_, *token), &frames_);
  SendFrames();
}

size_t Session::OnBytes(std::string_view bytes) {
  silent_ticks_ = 0;
  size_t done = 0;
  while (reads()) {
    std::string_view body;
    size_t consumed = 0;
    size_t needed = 0;
    const proto::CutResult cut =
        proto::CutFrame(bytes.substr(done), kServerFrameBytesMax, &body, &consumed, &needed);
    if (cut == proto::CutResult::kIncomplete) break;
    if (cut != proto::CutResult::kFrame) {
      Fail(absl::InternalError("what the broker sent is not the protocol"));
      break;
    }
    done += consumed;
    OnFrame(body);
  }
  return done;
}

void Session::OnFrame(std::string_view body) {
  MessageView message;
  if (!proto::DecodeMessage(body, &message)) return OnOtherFrame(body);
  if (requests_.TakeReply(message)) return;
  if (goodbye_ && pauses_ > 0) return;  // a program that has closed, and does not receive
  subscriptions_.Dispatch(message);
}

void Session::OnOtherFrame(std::string_view body) {
  ServerFrame frame;
  if (!frame.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    return Fail(absl::InternalError("what the broker sent is not the protocol"));
  }
  switch (frame.kind_case()) {
    case ServerFrame::kConnected:
      return OnConnected(frame.connected());
    case ServerFrame::kGap:
      if (events_.on_gap) events_.on_gap(GapOf(frame.gap()));
      return;
    case ServerFrame::kSnapshotEnd:
      if (events_.on_snapshot_end) events_.on_snapshot_end(frame.snapshot_end().filter());
      return;
    case ServerFrame::kGoAway:
      leaving_ = true;
      ticket_.OnGoAway(frame.go_away().ticket());
      retry_after_ = std::chrono::milliseconds(frame.go_away().retry_after_ms());
      if (events_.on_go_away) events_.on_go_away(ErrorOf(frame.go_away()));
      return;
    case ServerFrame::kClose:
      return OnClose(ErrorOf(frame.close()));
    default:
      return OnAnswer(frame);
  }
}

void Session::OnConnected(const esockets::Connected& connected) {
  if (phase_ != Phase::kGreeting) return;
  phase_ = Phase::kUp;
  connected_at_ = loop_.TurnTime();
  client_id_ = connected.client_id();
  session_id_ = connected.session_id();
  inbox_ = connected.inbox();
  ticket_.OnConnected(connected.ticket());
  ++connects_total_;
  if (const uint32_t limit = connected.limits().frame_bytes_max()) frame_bytes_max_ = limit;
  keep_alive_ = std::chrono::milliseconds(connected.keep_alive_ms());
  silent_ticks_ = 0;
  if (keep_alive_ > base::Duration::zero()) {
    SetTimer(keep_alive_ / 2, [](Session* self) {
      self->loop_.AssertOnLoop();
      self->KeepAlive();
    });
  } else {
    loop_.Cancel(timer_);
  }
  tokens_.OnAccepted(std::chrono::milliseconds(connected.credentials_expire_in_ms()));
  subscriptions_.OnUp(&frames_);
  subscribing_ = true;
  SendFrames();
  BeConnectedIfSubscribed();
  Drain();
}

void Session::BeConnectedIfSubscribed() {
  if (!subscribing_ || !subscriptions_.is_up_again()) return;
  subscribing_ = false;
  if (!reads()) transport_.PauseRead();
  if (!goodbye_) SetState(State::kConnected, absl::OkStatus());
}

void Session::OnAnswer(const ServerFrame& frame) {
  switch (frame.kind_case()) {
    case ServerFrame::kSubscribed:
      return OnSubscribed(frame.subscribed());
    case ServerFrame::kPublished:
      return OnPublished(frame.published());
    case ServerFrame::kPong:
      requests_.Complete(frame.pong().id(), Answer());
      return;
    case ServerFrame::kRefreshed:
      return tokens_.OnAccepted(
          std::chrono::milliseconds(frame.refreshed().credentials_expire_in_ms()));
    case ServerFrame::kError:
      return OnError(ErrorOf(frame.error()), frame.error().id());
    default:
      return;  // Unsubscribed, which nobody waits for, and what a newer broker may add
  }
}

void Session::OnSubscribed(const esockets::Subscribed& subscribed) {
  Beginning told{.last_values = subscribed.last_values()};
  if (subscribed.has_stream()) told.stream = StreamStartOf(subscribed.stream());
  subscriptions_.OnSubscribed(subscribed.id(), std::move(told), events_.on_resumed);
  BeConnectedIfSubscribed();
}

void Session::OnPublished(const esockets::Published& published) {
  Answer answer;
  if (published.has_delivery()) answer.delivery = DeliveryOf(published.delivery());
  if (published.has_stored()) answer.stored = StoredOf(published.stored());
  requests_.Complete(published.id(), answer);
}

void Session::OnError(const BrokerError& error, uint64_t id) {
  // A request that waited in the buffer while the connection was made anew names an inbox that is
  // gone.
  const bool is_late = error.code == kInboxNotAllowedCode && requests_.WantsReplies(id);
  const absl::Status status =
      is_late ? absl::UnavailableError("the connection broke before the request was sent")
              : ToStatus(error);
  if (error.code == kRefreshRefusedCode) return tokens_.OnRefused(status);
  if (requests_.Complete(id, status)) return;
  // An Unsubscribe of a filter that the broker has ended by itself.
  if (error.code == kNotSubscribedCode) return;
  if (subscriptions_.OnRefused(id, status, events_.on_error)) return BeConnectedIfSubscribed();
  if (id != 0 && IsOfRequest(error)) return;  // whose time was over
  if (events_.on_error) events_.on_error(status);
}

// --- while it stands ----------------------------------------------------------------------------

void Session::Drain() {
  if (phase_ != Phase::kUp || goodbye_ || (leaving_ && !closing_)) return;
  while (!transport_.congested()) {
    std::vector<PendingRequest> requests;
    const std::string_view frames = outgoing_.Front(kSendPieceBytes, &requests);
    for (PendingRequest& request : requests) requests_.Add(std::move(request));
    if (frames.empty()) break;
    transport_.Send(frames);
    outgoing_.Consume(frames.size());
  }
  if (closing_ && outgoing_.bytes() == 0) SayGoodbye();
}

void Session::Subscribe(std::string_view filter, const SubscribeOptions& options,
                        Subscribed subscribed, SubscriptionSet::Done done) {
  if (phase_ == Phase::kEnded || closing_) {
    subscribed.subscriber->OnEnd(absl::CancelledError("the client is closed"));
    return done(absl::FailedPreconditionError("the client is closed"));
  }
  subscriptions_.Add(filter, options, std::move(subscribed), std::move(done));
}

void Session::Unsubscribe(const SubscriptionName& name, uint64_t subscriber_id) {
  subscriptions_.Remove(name, subscriber_id);
}

void Session::PauseRead() {
  ++pauses_;
  if (phase_ == Phase::kUp && !reads()) transport_.PauseRead();
}

void Session::ResumeRead() {
  silent_ticks_ = 0;
  if (--pauses_ == 0 && phase_ == Phase::kUp) transport_.ResumeRead();
}

void Session::KeepAlive() {
  if (!reads()) silent_ticks_ = 0;  // it is we who do not listen
  if (++silent_ticks_ > kSilentTicksMax) {
    return Fail(absl::UnavailableError("nothing was heard from the broker for too long"));
  }
  AppendPing(0, &frames_);
  SendFrames();
  SetTimer(keep_alive_ / 2, [](Session* self) {
    self->loop_.AssertOnLoop();
    self->KeepAlive();
  });
}

// --- to its end ---------------------------------------------------------------------------------

void Session::Close() {
  if (std::exchange(closing_, true) || phase_ == Phase::kEnded) return;
  outgoing_.Close(absl::FailedPreconditionError("the client is closed"));
  // Without a connection only what is buffered is worth waiting for one.
  if (phase_ != Phase::kUp && outgoing_.bytes() == 0) return End(absl::OkStatus());
  Drain();
}

void Session::SayGoodbye() {
  goodbye_ = true;
  AppendDisconnect("", &frames_);
  SendFrames();
  transport_.ResumeRead();  // the broker's goodbye is behind what a paused client did not read
}

void Session::OnClose(const BrokerError& close) {
  if (events_.on_close && !goodbye_) events_.on_close(close);
  transport_.Drop();
  retry_after_ =
      std::max<base::Duration>(retry_after_, std::chrono::milliseconds(close.retry_after_ms));
  // Whoever gives tokens has a fresh one.
  const bool expired = close.code == kCredentialsExpiredCode && tokens_.has_source();
  const bool ticket_refused = ticket_.OnClose(close.code);
  FailOrWait(ToStatus(close), close.retryable || expired || ticket_refused);
}

void Session::OnDown(const absl::Status& reason) { FailOrWait(reason, /*retryable=*/true); }

void Session::Fail(const absl::Status& reason) {
  transport_.Drop();
  FailOrWait(reason, /*retryable=*/true);
}

void Session::FailOrWait(const absl::Status& reason, bool retryable) {
  loop_.Cancel(timer_);
  requests_.FailSent(outgoing_.consumed_total(), reason);
  subscriptions_.OnDown();
  tokens_.OnDown();
  const bool lasted =
      phase_ == Phase::kUp && loop_.TurnTime() - connected_at_ >= backoff_.ceiling();
  if (lasted) backoff_.Reset();
  if (goodbye_ || (closing_ && outgoing_.bytes() == 0)) return End(absl::OkStatus());
  if (!retryable || !options_.reconnect) return End(reason);
  Wait(reason);
}

void Session::Wait(const absl::Status& reason) {
  phase_ = Phase::kWaiting;
  leaving_ = false;
  const base::Duration wait = backoff_.Next() + std::exchange(retry_after_, {});
  SetTimer(wait, [](Session* self) {
    self->loop_.AssertOnLoop();
    self->Dial();
  });
  SetState(State::kWaiting, reason);
}

void Session::End(const absl::Status& reason) {
  if (std::exchange(phase_, Phase::kEnded) == Phase::kEnded) return;
  loop_.Cancel(timer_);
  tokens_.OnDown();
  transport_.Drop();
  const absl::Status for_callers =
      reason.ok() ? absl::FailedPreconditionError("the client is closed") : reason;
  outgoing_.Close(for_callers);
  std::vector<PendingRequest> requests;
  while (true) {
    const size_t bytes = outgoing_.Front(kSendPieceBytes, &requests).size();
    if (bytes == 0) break;
    outgoing_.Consume(bytes);
  }
  for (PendingRequest& request : requests) requests_.Add(std::move(request));
  requests_.FailAll(for_callers);
  subscriptions_.End(for_callers);
  SetState(State::kClosed, reason);
}

// --- helpers ------------------------------------------------------------------------------------

bool Session::reads() const {
  return phase_ == Phase::kGreeting ||
         (phase_ == Phase::kUp && (pauses_ == 0 || subscribing_ || goodbye_));
}

TokenKeeper::Hooks Session::TokenHooks() {
  const auto refresh = [this](std::string_view token) {
    loop_.AssertOnLoop();
    if (phase_ != Phase::kUp || goodbye_) return;
    AppendRefresh(token, 0, &frames_);
    SendFrames();
  };
  return {.refresh = refresh, .on_error = events_.on_error};
}

void Session::SetTimer(base::Duration delay, void (*due)(Session*)) {
  loop_.Cancel(timer_);
  timer_ = loop_.RunAt(loop_.TurnTime() + delay, [this, due] { due(this); });
}

void Session::SetState(State state, const absl::Status& reason) {
  if (events_.on_state_change) events_.on_state_change(state, reason);
}

void Session::SendFrames() {
  if (!frames_.empty()) transport_.Send(frames_);
  frames_.clear();
}

}  // namespace esockets::client
