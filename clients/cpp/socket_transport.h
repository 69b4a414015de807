// The transport over a socket of the socket core: TCP, with or without TLS, or a UNIX socket.
#ifndef CLIENTS_CPP_SOCKET_TRANSPORT_H_
#define CLIENTS_CPP_SOCKET_TRANSPORT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/on_loop.h"
#include "base/ref_counted.h"
#include "clients/cpp/endpoint.h"
#include "clients/cpp/transport.h"
#include "server/connection.h"
#include "server/connection_settings.h"
#include "server/connector.h"
#include "server/event_loop.h"
#include "server/socket_address.h"

namespace esockets::client {

class SocketTransport final : public Transport {
 public:
  // REQUIRES: `loop` outlives it; it is dropped before it is destroyed.
  SocketTransport(server::EventLoop* loop, Endpoint endpoint, base::Duration connect_timeout);
  SocketTransport(const SocketTransport&) = delete;
  SocketTransport& operator=(const SocketTransport&) = delete;

  void set_listener(TransportListener* listener) override { listener_ = listener; }
  void Dial() override ESOCKETS_ON_LOOP;
  void Drop() override ESOCKETS_ON_LOOP;
  void Send(std::string_view frames) override ESOCKETS_ON_LOOP;
  bool congested() const override ESOCKETS_ON_LOOP { return congested_; }
  void PauseRead() override ESOCKETS_ON_LOOP;
  void ResumeRead() override ESOCKETS_ON_LOOP;

 private:
  class Handler;

  void FailLater(absl::Status why) ESOCKETS_ON_LOOP;
  void OnDialed(absl::StatusOr<base::RefPtr<server::Connection>> connection) ESOCKETS_ON_LOOP;
  void OnClosed(server::Connection& connection) ESOCKETS_ON_LOOP;
  static std::string WhyClosed(server::Connection& connection) ESOCKETS_ON_LOOP;
  void OnQueueLow() ESOCKETS_ON_LOOP;

  server::EventLoop& loop_;
  Endpoint endpoint_ ESOCKETS_GUARDED_BY_LOOP;
  server::SocketAddress address_ ESOCKETS_GUARDED_BY_LOOP;  // that was dialed
  const base::Duration connect_timeout_;
  const server::ConnectionSettings settings_;
  TransportListener* listener_ = nullptr;

  std::shared_ptr<server::Connector> connector_ ESOCKETS_GUARDED_BY_LOOP;
  base::RefPtr<server::Connection> connection_ ESOCKETS_GUARDED_BY_LOOP;
  Handler* handler_ ESOCKETS_GUARDED_BY_LOOP = nullptr;  // of connection_, which owns it
  uint64_t connections_ ESOCKETS_GUARDED_BY_LOOP = 0;
  bool congested_ ESOCKETS_GUARDED_BY_LOOP = false;
  bool paused_ ESOCKETS_GUARDED_BY_LOOP = false;
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_SOCKET_TRANSPORT_H_
