#include "gateways/session_bridge.h"

#include <system_error>
#include <utility>

#include "base/frame_sequence.h"
#include "proto/message_frame.h"
#include "server/network_state.h"

namespace esockets::gateways {

namespace {

std::string_view TransportName(const server::Connection& connection) ESOCKETS_ON_LOOP {
  if (connection.transport() != nullptr) return connection.transport()->name();
  return connection.peer().family() == server::SocketAddress::Family::kUnix ? "unix" : "tcp";
}

}  // namespace

SessionBridge::SessionBridge(broker::Shard* shard, Codec* codec, server::Connection* connection)
    : codec_(*codec), connection_(*connection), session_(shard, this) {}

// --- up -----------------------------------------------------------------------------------------

size_t SessionBridge::OnBytes(server::Connection&, std::string_view bytes) {
  if (session_.ended()) return bytes.size();
  return codec_.Decode(bytes, &session_);
}

void SessionBridge::OnReadResumed(server::Connection&) { session_.OnReadResumed(); }

void SessionBridge::OnEndOfInput(server::Connection& connection, bool unfinished) {
  const bool against_rules = connection.end() == server::ConnectionEnd::kAgainstRules;
  if (against_rules && !session_.ended()) {
    const server::Transport& transport = *connection.transport();
    return session_.End(transport.security() == nullptr && transport.name() == "tls"
                            ? broker::CloseCode::kTlsFailed
                            : broker::CloseCode::kProtocolError,
                        transport.mistake());
  }
  if (unfinished && !session_.ended()) {
    return session_.End(broker::CloseCode::kProtocolError, "the stream ended inside a frame");
  }
  // Nothing could be delivered any more, and nobody would drain the backlog.
  session_.OnGone(broker::CloseCode::kLeft, "");
  // What it shares with others comes to them.
  connection.Close(session_.in_groups() ? server::CloseMode::kAfterCurrentFrame
                                        : server::CloseMode::kAfterFlush);
}

void SessionBridge::OnFlushed(server::Connection& connection, size_t bytes) {
  flushed_bytes_total_ += bytes;
  session_.OnFlushed(bytes, connection.send_queue_bytes());
}

void SessionBridge::OnSendRefused(server::Connection&) { session_.OnSendRefused(); }

void SessionBridge::OnSendQueueHigh(server::Connection&) { send_queue_high_ = true; }

void SessionBridge::OnSendQueueLow(server::Connection& connection) {
  send_queue_high_ = false;
  if (std::exchange(paused_for_answers_, false)) connection.ResumeRead();
  if (!session_.ended()) session_.OnSendQueueLow();
}

void SessionBridge::OnClosed(server::Connection& connection) {
  const bool broken = connection.end() == server::ConnectionEnd::kBroken;
  session_.OnGone(broken ? broker::CloseCode::kConnectionLost : broker::CloseCode::kLeft,
                  broken ? std::generic_category().message(connection.error_number()) : "");
}

// --- down ---------------------------------------------------------------------------------------

bool SessionBridge::TryDeliver(const base::BlockSpan& frames, size_t high_watermark_bytes,
                               broker::FanOut fan_out) {
  if (!MakeRoom(frames.size(), high_watermark_bytes)) return false;
  Queue(frames, fan_out);
  return true;
}

// Above the mark and not refused means only that nobody has flushed yet.
bool SessionBridge::MakeRoom(size_t more_bytes, size_t high_watermark_bytes) {
  size_t unsent_bytes = connection_.send_queue_bytes();
  while (broker::IsAboveMark(unsent_bytes, more_bytes, high_watermark_bytes)) {
    if (connection_.refused()) return false;
    connection_.FlushNow();
    unsent_bytes = connection_.send_queue_bytes();
  }
  return true;
}

void SessionBridge::Queue(const base::BlockSpan& span, broker::FanOut fan_out) {
  connection_.SendSpan(span, fan_out == broker::FanOut::kFew ? server::FlushRank::kFirst
                                                             : server::FlushRank::kInTurn);
}

void SessionBridge::SendAnswer(broker::Answer answer, uint64_t id) {
  std::string frame;  // short enough to need no allocation
  codec_.AppendAnswer(answer, id, &frame);
  Send(std::move(frame));
}

void SessionBridge::SendFrame(const ServerFrame& frame) {
  std::string encoded;
  codec_.AppendFrame(frame, &encoded);
  Send(std::move(encoded));
}

void SessionBridge::Send(std::string frame) {
  if (!connection_.open()) return;
  Wrap(&frame);
  connection_.SendSpan(connection_.loop().arena().Write(frame), server::FlushRank::kFirst);
  // Nothing drops answers: a client that does not read them may not ask for more.
  if (!send_queue_high_ || std::exchange(paused_for_answers_, true)) return;
  connection_.PauseRead();
}

void SessionBridge::Close(const Ending& ending) {
  std::string farewell;
  codec_.AppendClose(ending, &farewell);
  if (connection_.transport() != nullptr) {
    connection_.transport()->SetEndCode(static_cast<uint16_t>(ending.code),
                                        broker::Info(ending.code).text);
  }
  connection_.Close(
      ending.flush_first ? server::CloseMode::kAfterFlush : server::CloseMode::kAfterCurrentFrame,
      farewell);
}

void SessionBridge::SaveReceived(const broker::Messages& messages) {
  if (connection_.recv_queue() == nullptr) return;
  for (base::FrameSequence rest = messages.frames; !rest.empty(); rest.RemoveFirst(1)) {
    connection_.recv_queue()->Push(proto::FieldsOfFrame(rest.front()));
  }
}

std::optional<std::string> SessionBridge::PopReceived(size_t bytes_max) {
  if (connection_.recv_queue() == nullptr) return std::nullopt;
  return connection_.recv_queue()->TryPop(bytes_max);
}

broker::CertifiedPeer SessionBridge::certified_peer() const {
  const server::Transport* transport = connection_.transport();
  const server::TransportSecurity* security =
      transport == nullptr ? nullptr : transport->security();
  if (security == nullptr || security->peer_name.empty()) return {};
  const std::chrono::seconds expires_at(security->peer_expires_at_s);
  return {.name = security->peer_name, .expires_at = std::chrono::sys_seconds(expires_at)};
}

bool SessionBridge::reading_paused() const { return connection_.reading_paused(); }

broker::SinkView SessionBridge::View() const {
  const server::RecvQueue* recv_queue = connection_.recv_queue();
  return {.address = connection_.peer().ToString(),
          .transport = TransportName(connection_),
          .bytes_in_total = connection_.bytes_in_total(),
          .bytes_out_total = connection_.bytes_out_total(),
          .send_queue_bytes = connection_.send_queue_bytes(),
          .kernel_unsent_bytes = server::KernelUnsentBytes(connection_.fileno()),
          .kernel_unacked_bytes = server::KernelUnackedBytes(connection_.fileno()),
          .recv_queue_messages = recv_queue == nullptr ? 0 : recv_queue->size(),
          .recv_queue_dropped_total = recv_queue == nullptr ? 0 : recv_queue->dropped_total()};
}

broker::SendState SessionBridge::send_state() const {
  const size_t queue_bytes = connection_.send_queue_bytes();
  return {.queue_bytes = queue_bytes,
          .oldest = queue_bytes == 0 ? base::TimePoint() : connection_.oldest_unsent(),
          .refused = connection_.refused(),
          .sent_bytes_total = flushed_bytes_total_};
}

broker::NetworkSample SessionBridge::SampleNetwork() const {
  const server::NetworkState state = server::NetworkStateOf(connection_.fileno());
  return {.writable = state.writable,
          .known = state.is_tcp,
          .busy = state.busy,
          .receive_window_limited = state.receive_window_limited,
          .acked_bytes = state.acked_bytes,
          .segments = state.segments,
          .retransmits = state.retransmits,
          .rtt = state.rtt,
          .rtt_min = state.rtt_min};
}

}  // namespace esockets::gateways
