// What a connection tells whoever understands its bytes: the one virtual call that joins the socket
// core and a product on it.
#ifndef SERVER_CONNECTION_HANDLER_H_
#define SERVER_CONNECTION_HANDLER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/on_loop.h"
#include "server/framing.h"

namespace esockets::server {

class Connection;
class Transport;

// Thread: the connection's loop. A handler may close the connection inside any of these calls;
// OnClosed then follows after the turn, never within the call.
class ConnectionHandler {
 public:
  ConnectionHandler();
  ConnectionHandler(const ConnectionHandler&) = delete;
  ConnectionHandler& operator=(const ConnectionHandler&) = delete;
  virtual ~ConnectionHandler();

  // The connection is open, and this its handler; the first call.
  virtual void OnStart(Connection&) ESOCKETS_ON_LOOP {}

  // Input, from where the last call left off. Returns how many of the bytes are done with; the rest
  // comes again, in front of what follows. `bytes` are valid during the call alone.
  virtual size_t OnBytes(Connection& connection, std::string_view bytes) ESOCKETS_ON_LOOP = 0;

  // One whole message of a transport that has messages; valid during the call alone. Default: to
  // OnBytes, which must take it.
  virtual void OnMessage(Connection& connection, std::string_view message,
                         MessageKind kind) ESOCKETS_ON_LOOP;

  // The peer has answered Connection::Probe.
  virtual void OnAlive(Connection&) ESOCKETS_ON_LOOP {}

  // Reading goes on after a pause.
  virtual void OnReadResumed(Connection&) ESOCKETS_ON_LOOP {}

  // The peer has sent its last byte. `unfinished`: it left input that OnBytes did not take. Unless
  // something else is wanted, what is queued is sent and the connection ends.
  virtual void OnEndOfInput(Connection& connection, bool unfinished) ESOCKETS_ON_LOOP;

  // The server stops soon: the connection should end, when it is a good moment. Default: at once,
  // behind what is queued.
  virtual void OnDrain(Connection& connection) ESOCKETS_ON_LOOP;

  // The kernel has taken bytes of the send queue.
  virtual void OnFlushed(Connection&, size_t /*bytes*/) ESOCKETS_ON_LOOP {}

  // The kernel has taken less than was offered to it: OnSendQueueLow says when it takes more. May
  // come within Connection::FlushNow.
  virtual void OnSendRefused(Connection&) ESOCKETS_ON_LOOP {}

  // The send queue has passed the high watermark.
  virtual void OnSendQueueHigh(Connection&) ESOCKETS_ON_LOOP {}

  // The send queue had passed the high watermark, or the socket had refused bytes: it is down at
  // the low watermark again, and the socket takes more; or the peer has gone, and nothing waits any
  // more. May come within Connection::FlushNow.
  virtual void OnSendQueueLow(Connection&) ESOCKETS_ON_LOOP {}

  // The descriptor is closed; the last call. `connection.end()` says why.
  virtual void OnClosed(Connection& connection) ESOCKETS_ON_LOOP = 0;

  // What lies between it and the socket. Before Connection::Start, or within OnBytes, when there is
  // none yet: then it gets, of what is left of the input, what the transport makes of it.
  void set_transport(std::unique_ptr<Transport> transport);

 private:
  friend class Connection;
  // The connection's, which has no room of its own for what few connections have.
  std::unique_ptr<Transport> transport_;
};

}  // namespace esockets::server

#endif  // SERVER_CONNECTION_HANDLER_H_
