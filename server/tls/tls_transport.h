// TLS as a transport of the socket core (RFC 5246, RFC 8446): to its handler, and to a transport
// that it carries, a connection is the same stream of bytes as over TCP.
//
// Whoever flushes into it finds a socket (SocketApi) that encrypts: pieces are put together before
// that, and what the kernel refuses waits as ciphertext, kEncryptBytesMax at most.
#ifndef SERVER_TLS_TLS_TRANSPORT_H_
#define SERVER_TLS_TLS_TRANSPORT_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/on_loop.h"
#include "server/connection.h"
#include "server/socket_api.h"
#include "server/tls/ciphertext_queue.h"
#include "server/tls/client_context.h"
#include "server/tls/server_context.h"
#include "server/tls/session.h"
#include "server/transport.h"
#include "server/transport_security.h"

namespace esockets::tls {

class TlsTransport final : public server::Transport, private server::SocketApi {
 public:
  // The accepting side. Its handshakes run as tasks of low priority.
  explicit TlsTransport(const std::shared_ptr<const ServerContext>& context);
  // The connecting side. What is queued meanwhile is sent when the handshake is done.
  explicit TlsTransport(const std::shared_ptr<ClientContext>& context);

  std::string_view name() const override { return inner_ ? "websocket+tls" : "tls"; }
  const server::TransportSecurity* security() const override {
    return security_.protocol.empty() ? nullptr : &security_;
  }
  std::string_view mistake() const override;

  void Carry(std::unique_ptr<Transport> inner) override { inner_ = std::move(inner); }
  Transport* carried() const override { return inner_.get(); }

  void OnStart(server::Connection& connection) override ESOCKETS_ON_LOOP;
  void OnReceived(server::Connection& connection, std::span<char> bytes) override ESOCKETS_ON_LOOP;
  void OnReadResumed(server::Connection& connection) override ESOCKETS_ON_LOOP;
  bool unfinished() const override { return inner_ && inner_->unfinished(); }

  bool has_messages() const override { return inner_ && inner_->has_messages(); }
  bool must_frame() const override { return inner_ && inner_->must_frame(); }
  base::BlockSpan Frame(std::string_view message, server::MessageKind kind,
                        server::FrameArena* arena) override {
    return inner_->Frame(message, kind, arena);
  }
  server::FlushResult Flush(server::SendQueue& queue, int fd, server::SocketApi& api,
                            server::SendPool& pool, size_t* wire_bytes, int* error) override;
  bool sent_all() const override;
  void DropUnsentFrames(server::SendQueue& queue, server::SendPool& pool) override {
    inner_ ? inner_->DropUnsentFrames(queue, pool) : queue.DropUnsentFrames(pool);
  }

  bool Probe(server::Connection& connection) override ESOCKETS_ON_LOOP {
    return inner_ && inner_->Probe(connection);
  }
  void SetEndCode(uint16_t code, std::string_view text) override {
    if (inner_) inner_->SetEndCode(code, text);
  }
  void SetGoingAway() override {
    if (inner_) inner_->SetGoingAway();
  }
  void OnEnding() override;

 private:
  enum class State : uint8_t {
    kHandshake,  // what is queued waits
    kOpen,
    kFailed,  // what is queued is dropped; an alert may be on its way
  };

  // --- server::SocketApi, for the flush of what lies above
  ssize_t Send(int fd, const void* data, size_t size) override;
  ssize_t SendVector(int fd, iovec* spans, size_t count) override;

  bool accepts() const { return SSL_is_server(session_.ssl()) == 1; }
  void WaitForTurn(server::Connection& connection) ESOCKETS_ON_LOOP;
  void Shake(server::Connection& connection) ESOCKETS_ON_LOOP;
  void OpenWaiting(server::Connection& connection) ESOCKETS_ON_LOOP;
  void NotePeer(server::Connection& connection) ESOCKETS_ON_LOOP;
  void Open(server::Connection& connection, std::string_view bytes) ESOCKETS_ON_LOOP;
  void Fail(server::Connection& connection, std::string_view why) ESOCKETS_ON_LOOP;
  void SendLater(server::Connection& connection, std::string_view ciphertext) ESOCKETS_ON_LOOP;
  bool SendCiphertext(std::string_view ciphertext, int fd, int* error);
  server::FlushResult FlushPlain(server::SendQueue& queue, int fd, server::SendPool& pool,
                                 int* error);

  const std::shared_ptr<const void> context_;
  Session session_;
  CiphertextQueue ciphertext_;
  std::unique_ptr<Transport> inner_;
  std::string waiting_;  // input, until the handshake has its turn, or reading goes on
  server::TransportSecurity security_;
  std::string mistake_;
  server::SocketApi* api_ = nullptr;  // during a flush, the socket's
  size_t wire_bytes_ = 0;             // of this flush
  size_t handshake_bytes_ = 0;        // of the peer, so far
  const PeerNameSource peer_name_;
  State state_ = State::kHandshake;
  bool ending_ = false;
  bool said_last_word_ = false;
};

}  // namespace esockets::tls

#endif  // SERVER_TLS_TLS_TRANSPORT_H_
