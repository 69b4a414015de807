#include "server/websocket/websocket_transport.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/utf8.h"
#include "server/limits.h"
#include "server/websocket/close_status.h"
#include "server/websocket/deflate.h"

namespace esockets::websocket {

using server::Connection;
using server::MessageKind;

WebSocketTransport::WebSocketTransport(const TransportSettings* settings, int deflate_window_bits,
                                       size_t plain_bytes)
    : settings_(*settings),
      decoder_(FrameDecoder::Peer::kClient, deflate_window_bits > 0),
      outgoing_(settings->messages || deflate_window_bits > 0 ? Outgoing::Form::kFramed
                                                              : Outgoing::Form::kSealed,
                plain_bytes),
      deflate_window_bits_(static_cast<uint8_t>(deflate_window_bits)) {}

WebSocketTransport::Rare& WebSocketTransport::NeedRare() {
  if (rare_ == nullptr) rare_ = std::make_unique<Rare>();
  return *rare_;
}

// Nothing that a message has grown to stays behind.
void WebSocketTransport::Calm() {
  const bool needed = rare_ != nullptr && (rare_->has_close || !rare_->waiting.empty());
  if (!needed && !decoder_.in_message()) rare_.reset();
}

// --- receiving ----------------------------------------------------------------------------------

void WebSocketTransport::OnReceived(Connection& connection, std::span<char> bytes) {
  if (rare_ == nullptr || rare_->waiting.empty()) return Take(connection, bytes);
  rare_->waiting.append(bytes.data(), bytes.size());
}

void WebSocketTransport::OnReadResumed(Connection& connection) {
  if (rare_ == nullptr || rare_->waiting.empty()) return;
  // Connection::Give wants room in front of a stream's bytes.
  const size_t room = settings_.messages ? 0 : server::kTailInScratchBytesMax;
  std::string waiting(room, '\0');
  waiting += std::exchange(rare_->waiting, std::string());
  Take(connection, std::span<char>(waiting).subspan(room));
}

// Whole messages cannot lie in the connection's tail, and compressed ones would grow there.
bool WebSocketTransport::MustWait(const Connection& connection) const {
  return connection.reading_paused() && (settings_.messages || deflate_window_bits_ > 0);
}

void WebSocketTransport::Take(Connection& connection, std::span<char> bytes) {
  std::span<char> stream;  // bytes for the handler, that lie together
  while (connection.open() && !peer_closed_) {
    if (!bytes.empty() && MustWait(connection)) {
      NeedRare().waiting.assign(bytes.data(), bytes.size());
      break;
    }
    const Event event = decoder_.Next(&bytes);
    if (event.kind == FrameDecoder::Kind::kNothing) break;
    if (event.kind == FrameDecoder::Kind::kData) {
      OnData(connection, event, &stream);
      continue;
    }
    if (!stream.empty()) connection.Give(std::exchange(stream, {}));
    if (!connection.open()) break;
    if (event.kind == FrameDecoder::Kind::kControl) {
      OnControl(connection, event);
    } else {
      Fail(connection, event.status, event.mistake);
    }
  }
  if (!stream.empty()) connection.Give(stream);
  Calm();
}

void WebSocketTransport::OnData(Connection& connection, const Event& event,
                                std::span<char>* stream) {
  if (event.opcode == Opcode::kText && !settings_.texts) {
    if (!stream->empty()) connection.Give(std::exchange(*stream, {}));
    return Fail(connection, kUnsupportedData, "only binary messages are understood");
  }
  if (settings_.messages || event.compressed) {
    if (!stream->empty()) connection.Give(std::exchange(*stream, {}));
    return OnWhole(connection, event);
  }
  // The payload moves over the header in front of it.
  if (stream->empty()) {
    *stream = event.payload;
    return;
  }
  char* const end = stream->data() + stream->size();
  std::memmove(end, event.payload.data(), event.payload.size());
  *stream = {stream->data(), stream->size() + event.payload.size()};
}

// By what is announced. Whoever compresses everything makes some of it a little longer.
bool WebSocketTransport::IsTooLong(const Event& event) const {
  uint64_t bytes = decoder_.message_bytes();
  if (event.compressed) {
    bytes -= std::min(bytes, bytes / kDeflateGrowthDivisor + kDeflateGrowthBytes);
  }
  return bytes > settings_.message_bytes_max;
}

// A message that comes in one piece is never copied.
void WebSocketTransport::OnWhole(Connection& connection, const Event& event) {
  if (IsTooLong(event)) {
    return Fail(connection, kMessageTooBig, "the message is too long");
  }
  std::string_view message(event.payload.data(), event.payload.size());
  std::string kept;
  if (!event.begins || !event.ends) {
    NeedRare().message.append(message);
    if (!event.ends) return;
    kept = std::exchange(rare_->message, std::string());
    message = kept;
  }
  if (event.compressed) return OnCompressed(connection, message, event.opcode);
  connection.handler()->OnMessage(
      connection, message,
      event.opcode == Opcode::kText ? MessageKind::kText : MessageKind::kBinary);
}

void WebSocketTransport::OnCompressed(Connection& connection, std::string_view payload,
                                      Opcode opcode) {
  Inflater& inflater = Inflater::OfThisThread();
  std::span<char> message;
  switch (inflater.Inflate(payload, settings_.message_bytes_max, &message)) {
    case Inflater::Result::kMessage:
      break;
    case Inflater::Result::kCorrupt:
      return Fail(connection, kInvalidPayload, "a compressed message is corrupt");
    case Inflater::Result::kTooLong:
      return Fail(connection, kMessageTooBig, "a compressed message is too long");
  }
  const std::string_view text(message.data(), message.size());
  if (opcode == Opcode::kText && !base::IsValidUtf8(text)) {
    return Fail(connection, kInvalidPayload, "a text is no valid UTF-8");
  }
  if (settings_.messages) {
    connection.handler()->OnMessage(
        connection, text, opcode == Opcode::kText ? MessageKind::kText : MessageKind::kBinary);
  } else if (!message.empty()) {
    connection.Give(message);
  }
  inflater.Release();
}

void WebSocketTransport::OnControl(Connection& connection, const Event& event) {
  const std::string_view payload(event.payload.data(), event.payload.size());
  if (event.opcode == Opcode::kClose) return OnClose(connection, payload);
  if (event.opcode == Opcode::kPong) return connection.handler()->OnAlive(connection);
  outgoing_.AddControl(Opcode::kPong, payload);
  connection.FlushSoon();
}

// --- ending -------------------------------------------------------------------------------------

// What is queued is sent, then the same status comes back (section 5.5.1).
void WebSocketTransport::OnClose(Connection& connection, std::string_view payload) {
  std::string_view mistake;
  const CloseReason reason = ParseClose(payload, &mistake);
  if (!mistake.empty()) return Fail(connection, reason.status, mistake);
  peer_closed_ = true;
  SetClose(reason.status, {});
  connection.EndOfMessages();
}

void WebSocketTransport::Fail(Connection& connection, uint16_t status, std::string_view why) {
  peer_closed_ = true;
  SetClose(status, why);
  NeedRare().mistake = "WebSocket: ";
  rare_->mistake += why;
  connection.EndAgainstRules();
}

void WebSocketTransport::SetClose(uint16_t status, std::string_view text) {
  if (NeedRare().has_close) return;
  rare_->has_close = true;
  rare_->close = ClosePayload(status, text);
}

void WebSocketTransport::SetEndCode(uint16_t code, std::string_view text) {
  constexpr uint16_t kOfApplications = 4000;
  SetClose(static_cast<uint16_t>(kOfApplications + code), text);
}

void WebSocketTransport::OnEnding() {
  SetClose(kNormalClosure, {});
  outgoing_.AddClose(rare_->close);
}

// --- sending ------------------------------------------------------------------------------------

base::BlockSpan WebSocketTransport::WriteMessage(std::string_view message, Opcode opcode,
                                                 int deflate_window_bits,
                                                 server::FrameArena* arena) {
  std::string_view compressed;
  if (deflate_window_bits > 0) {
    compressed = Deflater::OfThisThread(deflate_window_bits).Deflate(message);
  }
  const std::string_view payload = compressed.empty() ? message : compressed;
  const auto size = static_cast<uint32_t>(HeaderBytes(payload.size()) + payload.size());
  char* const out = arena->Reserve(size);
  const size_t header = WriteHeader(opcode, !compressed.empty(), payload.size(), out);
  std::memcpy(out + header, payload.data(), payload.size());
  return arena->Commit(size);
}

base::BlockSpan WebSocketTransport::Frame(std::string_view message, MessageKind kind,
                                          server::FrameArena* arena) {
  const Opcode opcode = kind == MessageKind::kText ? Opcode::kText : Opcode::kBinary;
  return WriteMessage(message, opcode, deflate_window_bits_, arena);
}

bool WebSocketTransport::Probe(Connection& connection) {
  outgoing_.AddControl(Opcode::kPing, {});
  connection.FlushSoon();
  return true;
}

}  // namespace esockets::websocket
