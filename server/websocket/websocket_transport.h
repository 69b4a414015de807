// WebSocket as a transport of the socket core (RFC 6455, with permessage-deflate of RFC 7692): to
// its handler a connection is the same stream of bytes, or of messages, as over TCP.
#ifndef SERVER_WEBSOCKET_WEBSOCKET_TRANSPORT_H_
#define SERVER_WEBSOCKET_WEBSOCKET_TRANSPORT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/on_loop.h"
#include "server/connection.h"
#include "server/transport.h"
#include "server/websocket/close_status.h"
#include "server/websocket/frame_decoder.h"
#include "server/websocket/limits.h"
#include "server/websocket/outgoing.h"

namespace esockets::websocket {

// The same for all connections of a server.
struct TransportSettings {
  // Each message is given whole to OnMessage, and each Send is one. False: what messages hold, one
  // after the other, are the bytes of a stream; where they end means nothing.
  bool messages = true;
  bool texts = true;  // may come; else only binary
  // Of a message that is given whole, or that was compressed, inflated.
  size_t message_bytes_max = kMessageBytesMax;
};

class WebSocketTransport final : public server::Transport {
 public:
  // `deflate_window_bits`: 0 when permessage-deflate was not agreed on; with it, whoever queues
  // spans of a stream frames them. `plain_bytes`: of the queue, that go out as they are before
  // anything. REQUIRES: `settings` outlive the transport.
  WebSocketTransport(const TransportSettings* settings, int deflate_window_bits,
                     size_t plain_bytes);

  // Writes one message as a frame. Thread: the arena's.
  static base::BlockSpan WriteMessage(std::string_view message, Opcode opcode,
                                      int deflate_window_bits, server::FrameArena* arena);

  std::string_view name() const override { return "websocket"; }
  std::string_view mistake() const override { return rare_ ? rare_->mistake : std::string_view(); }
  void OnReceived(server::Connection& connection, std::span<char> bytes) override ESOCKETS_ON_LOOP;
  void OnReadResumed(server::Connection& connection) override ESOCKETS_ON_LOOP;
  bool unfinished() const override { return decoder_.unfinished(); }
  bool has_messages() const override { return settings_.messages; }
  bool must_frame() const override { return settings_.messages || deflate_window_bits_ > 0; }
  base::BlockSpan Frame(std::string_view message, server::MessageKind kind,
                        server::FrameArena* arena) override;
  server::FlushResult Flush(server::SendQueue& queue, int fd, server::SocketApi& api,
                            server::SendPool& pool, size_t* wire_bytes, int* error) override {
    return outgoing_.Flush(queue, fd, api, pool, wire_bytes, error);
  }
  bool sent_all() const override { return outgoing_.empty(); }
  void DropUnsentFrames(server::SendQueue& queue, server::SendPool& pool) override {
    outgoing_.DropUnsentFrames(queue, pool);
  }
  bool Probe(server::Connection& connection) override ESOCKETS_ON_LOOP;
  void SetEndCode(uint16_t code, std::string_view text) override;
  void SetGoingAway() override { SetClose(kGoingAway, {}); }
  void OnEnding() override;

 private:
  // What only some need, or only at times.
  struct Rare {
    std::string waiting;  // input, while reading is paused
    std::string message;  // that has begun, as it came
    std::string close;    // payload of the Close
    bool has_close = false;
    std::string mistake;  // of the peer
  };
  Rare& NeedRare();
  void Calm();

  using Event = FrameDecoder::Event;
  void Take(server::Connection& connection, std::span<char> bytes) ESOCKETS_ON_LOOP;
  bool IsTooLong(const Event& event) const;
  bool MustWait(const server::Connection& connection) const ESOCKETS_ON_LOOP;
  void OnData(server::Connection& connection, const Event& event,
              std::span<char>* stream) ESOCKETS_ON_LOOP;
  void OnWhole(server::Connection& connection, const Event& event) ESOCKETS_ON_LOOP;
  void OnCompressed(server::Connection& connection, std::string_view payload,
                    Opcode opcode) ESOCKETS_ON_LOOP;
  void OnControl(server::Connection& connection, const Event& event) ESOCKETS_ON_LOOP;
  void OnClose(server::Connection& connection, std::string_view payload) ESOCKETS_ON_LOOP;
  void Fail(server::Connection& connection, uint16_t status, std::string_view why) ESOCKETS_ON_LOOP;
  void SetClose(uint16_t status, std::string_view text);

  const TransportSettings& settings_;
  FrameDecoder decoder_;
  Outgoing outgoing_;
  std::unique_ptr<Rare> rare_;
  const uint8_t deflate_window_bits_;
  bool peer_closed_ = false;  // nothing that follows is looked at
};

}  // namespace esockets::websocket

#endif  // SERVER_WEBSOCKET_WEBSOCKET_TRANSPORT_H_
