#include <chrono>
#include <string>
#include <utility>

#include "base/utf8.h"
#include "broker/past_session.h"
#include "broker/session.h"

// What is remembered of a session: the part of Session that session.cc leaves out.
namespace esockets::broker {

void Session::Note(FlightKind kind, std::string_view topic, uint64_t count, uint64_t bytes) {
  if (ended()) return;  // its record is taken
  FlightRecorders& recorders = shard_.flight_recorders;
  FlightStep step(kind, topic, count, bytes);
  if (flight_ == FlightRecorders::kNone) {
    if (!step.IsActivity()) return;
    FlightStep connect(FlightKind::kConnect, client_id(), 1, 0);
    connect.time = connected_at_;
    recorders.Note(&flight_, connect);
  }
  step.queue_bytes = static_cast<uint32_t>(sink().unsent_bytes());
  recorders.Note(&flight_, step);
}

const SessionAbout& Session::about() const {
  return rare_ && rare_->about ? *rare_->about : SessionAbout::kAnybody;
}

Outbox* Session::inbox_outbox() { return is_new() || connecting() || ended() ? nullptr : &outbox_; }

void Session::OnFlushed(uint64_t bytes, uint64_t queue_bytes) {
  if (in_groups_) shard_.group_deliveries.OnFlushed(id());
  if (flight_ != FlightRecorders::kNone &&
      shard_.flight_recorders.NoteFlush(flight_, bytes, queue_bytes)) {
    return;
  }
  if (outbox_.delivered_messages_total() > 0) Note(FlightKind::kFlush, {}, 1, bytes);
}

void Session::NoteCommand(const proto::ClientFrameView& frame) {
  switch (frame.kind()) {
    case proto::ClientFrameKind::kConnect:
      return Note(FlightKind::kConnect, std::get<proto::ConnectView>(frame.command).client_id, 1,
                  0);
    case proto::ClientFrameKind::kSubscribe:
      return Note(FlightKind::kSubscribe, std::get<proto::SubscribeView>(frame.command).filter, 1,
                  0);
    case proto::ClientFrameKind::kUnsubscribe:
      return Note(FlightKind::kUnsubscribe, std::get<proto::UnsubscribeView>(frame.command).filter,
                  1, 0);
    case proto::ClientFrameKind::kPublish: {
      const auto& publish = std::get<proto::PublishView>(frame.command);
      return Note(FlightKind::kPublish, publish.topic, 1, publish.payload.size());
    }
    case proto::ClientFrameKind::kPing:
      return Note(FlightKind::kPing, {}, 1, 0);
    case proto::ClientFrameKind::kDisconnect:
      return Note(FlightKind::kDisconnect, {}, 1, 0);
    case proto::ClientFrameKind::kRefresh:
      return Note(FlightKind::kRefresh, {}, 1, 0);
  }
}

void Session::OnSendRefused() {
  if (ended()) return;
  shard_.slow_ledger.Watch(&outbox_);
  Note(FlightKind::kRefused, {}, 1, 0);
}

void Session::Remember(CloseCode code, std::string_view detail) {
  std::vector<FlightStep> flight = shard_.flight_recorders.Take(&flight_);
  if (IsOrdinary(code)) flight.clear();
  const bool told_nothing = code == CloseCode::kLeft || code == CloseCode::kConnectionLost;
  if (is_new() && told_nothing) return;
  shard_.metrics.of(code).Add();
  const base::TimePoint now = shard_.executor.TurnTime();
  const auto oldest = outbox_.oldest();
  shard_.past_sessions.Add(
      {.session_id = id(),
       .client_id = std::string(client_id()),
       .name = about().name,
       .user = identity().user,
       .connected = connected_at_ == base::TimePoint() ? base::Duration() : now - connected_at_,
       .ended = now,
       .ended_us = shard_.executor.clock().WallMicros(),
       .code = code,
       .detail = base::IsValidUtf8(detail) ? std::string(detail) : std::string(),
       .sink = sink().View(),
       .oldest = oldest ? now - *oldest : base::Duration(),
       .backlog_messages = outbox_.backlog_messages(),
       .backlog_bytes = outbox_.backlog_bytes(),
       .messages_in_total = messages_in_total_,
       .messages_out_total = outbox_.delivered_messages_total(),
       .dropped_messages_total = outbox_.dropped_messages_total(),
       .flight = std::move(flight)});
}

}  // namespace esockets::broker
