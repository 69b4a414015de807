#include "clients/cpp/socket_transport.h"

#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "base/check.h"
#include "base/ref_counted.h"
#include "base/strings.h"
#include "server/connection_handler.h"
#include "server/tls/tls_transport.h"

namespace esockets::client {

// Lives with its connection, which may be at its end when the next one is already being made.
class SocketTransport::Handler final : public server::ConnectionHandler {
 public:
  explicit Handler(SocketTransport* transport) : transport_(transport) {}

  // The transport has dropped this connection.
  void Detach() { transport_ = nullptr; }

  size_t OnBytes(server::Connection&, std::string_view bytes) override ESOCKETS_ON_LOOP {
    return transport_ == nullptr ? bytes.size() : transport_->listener_->OnBytes(bytes);
  }
  void OnSendQueueHigh(server::Connection&) override ESOCKETS_ON_LOOP {
    if (transport_ != nullptr) transport_->congested_ = true;
  }
  void OnSendQueueLow(server::Connection&) override ESOCKETS_ON_LOOP {
    if (transport_ != nullptr) transport_->OnQueueLow();
  }
  void OnClosed(server::Connection& connection) override ESOCKETS_ON_LOOP {
    if (transport_ != nullptr) transport_->OnClosed(connection);
  }

 private:
  SocketTransport* transport_;
};

SocketTransport::SocketTransport(server::EventLoop* loop, Endpoint endpoint,
                                 base::Duration connect_timeout)
    : loop_(*loop),
      endpoint_(std::move(endpoint)),
      connect_timeout_(connect_timeout),
      settings_{} {}

void SocketTransport::Dial() {
  ESOCKETS_CHECK(connection_ == nullptr && connector_ == nullptr);
  absl::StatusOr<server::SocketAddress> address = endpoint_.address.Resolve();
  if (!address.ok()) return FailLater(address.status());
  address_ = *std::move(address);
  server::Connector::Options options{.loop = &loop_,
                                     .address = address_,
                                     .timeout = connect_timeout_,
                                     .connection_id = ++connections_,
                                     .settings = &settings_};
  connector_ = server::Connector::Start(std::move(options), [this](auto connection) {
    loop_.AssertOnLoop();
    OnDialed(std::move(connection));
  });
}

// The listener is never called from within its own call.
void SocketTransport::FailLater(absl::Status why) {
  connector_ = server::Connector::Fail(&loop_, std::move(why), [this](auto connection) {
    loop_.AssertOnLoop();
    OnDialed(std::move(connection));
  });
}

void SocketTransport::OnDialed(absl::StatusOr<base::RefPtr<server::Connection>> connection) {
  connector_ = nullptr;
  if (!connection.ok()) return listener_->OnDown(connection.status());
  connection_ = *std::move(connection);
  congested_ = false;
  paused_ = false;
  auto handler = std::make_unique<Handler>(this);
  handler_ = handler.get();
  if (endpoint_.tls != nullptr) {
    handler->set_transport(std::make_unique<tls::TlsTransport>(endpoint_.tls));
  }
  connection_->Start(std::move(handler));
  listener_->OnUp();
}

void SocketTransport::Drop() {
  if (connector_ != nullptr) std::exchange(connector_, nullptr)->Cancel();
  if (connection_ == nullptr) return;
  std::exchange(handler_, nullptr)->Detach();
  std::exchange(connection_, nullptr)->Close(server::CloseMode::kNow);
}

void SocketTransport::OnClosed(server::Connection& connection) {
  const std::string reason = WhyClosed(connection);
  handler_ = nullptr;
  connection_ = nullptr;
  listener_->OnDown(base::Error(absl::StatusCode::kUnavailable, "the connection to ",
                                address_.ToString(), reason));
}

std::string SocketTransport::WhyClosed(server::Connection& connection) {
  const server::Transport* const transport = connection.transport();
  if (transport != nullptr && !transport->mistake().empty()) {
    return base::StrCat(" failed: ", transport->mistake());
  }
  std::string reason = base::StrCat(" was ", server::ConnectionEndText(connection.end()));
  if (connection.error_number() != 0) {
    base::StrAppend(&reason, ": ", std::system_category().message(connection.error_number()));
  }
  return reason;
}

void SocketTransport::Send(std::string_view frames) {
  if (connection_ != nullptr) connection_->Send(frames);
}

// Not from within the flush that has made room: the listener queues more.
void SocketTransport::OnQueueLow() {
  if (!std::exchange(congested_, false)) return;
  loop_.AtTurnEnd([this, connection = connection_] {
    loop_.AssertOnLoop();
    if (connection == connection_ && connection_ != nullptr) listener_->OnUncongested();
  });
}

void SocketTransport::PauseRead() {
  if (connection_ != nullptr && !std::exchange(paused_, true)) connection_->PauseRead();
}

void SocketTransport::ResumeRead() {
  if (connection_ != nullptr && std::exchange(paused_, false)) connection_->ResumeRead();
}

}  // namespace esockets::client
