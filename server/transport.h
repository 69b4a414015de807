// What may lie between a connection's socket and its handler: a protocol that carries another's
// bytes or messages. Without one, the handler's bytes are the socket's.
#ifndef SERVER_TRANSPORT_H_
#define SERVER_TRANSPORT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/counted_block.h"
#include "base/on_loop.h"
#include "server/frame_arena.h"
#include "server/framing.h"
#include "server/send_pool.h"
#include "server/send_queue.h"
#include "server/socket_api.h"
#include "server/transport_security.h"

namespace esockets::server {

class Connection;

// Owned by its connection. Thread: the loop.
class Transport {
 public:
  virtual ~Transport() = default;

  // For people: "websocket".
  virtual std::string_view name() const = 0;

  // Null: what crosses can be read and changed on the way.
  virtual const TransportSecurity* security() const { return nullptr; }
  // What the peer did against the rules, for people; empty: nothing.
  virtual std::string_view mistake() const = 0;

  // --- one upon the other: TLS carries WebSocket

  // From here on `inner` lies between it and the handler. REQUIRES: it can.
  virtual void Carry(std::unique_ptr<Transport> inner);
  virtual Transport* carried() const { return nullptr; }

  // --- receiving

  // The connection has started.
  virtual void OnStart(Connection&) ESOCKETS_ON_LOOP {}

  // Bytes of the socket, to write over, with as many bytes in front of them as Connection::Give
  // wants. What is in them for the handler goes to it by way of the connection.
  virtual void OnReceived(Connection& connection, std::span<char> bytes) ESOCKETS_ON_LOOP = 0;

  // Reading goes on after a pause, with what the transport has left lying.
  virtual void OnReadResumed(Connection& connection) ESOCKETS_ON_LOOP = 0;

  // Has the peer begun something that it has not ended?
  virtual bool unfinished() const = 0;

  // --- sending

  // Is each Send a message of its own? Else bytes of a stream, framed as the settings say.
  virtual bool has_messages() const = 0;
  // Must Frame make what is queued? Always, where there are messages.
  virtual bool must_frame() const = 0;
  // A message, or bytes of the stream, as it is queued. REQUIRES: must_frame.
  virtual base::BlockSpan Frame(std::string_view message, MessageKind kind, FrameArena* arena) = 0;

  // One send, as of SendQueue::Flush; kEmpty also means that nothing can be sent yet. `wire_bytes`:
  // what the kernel took.
  virtual FlushResult Flush(SendQueue& queue, int fd, SocketApi& api, SendPool& pool,
                            size_t* wire_bytes, int* error) = 0;
  // Is all that it sends of its own with the kernel?
  virtual bool sent_all() const = 0;
  // Drops what the peer need not be sent to understand what follows.
  virtual void DropUnsentFrames(SendQueue& queue, SendPool& pool) = 0;

  // --- living and ending

  // Asks the peer for a sign of life: ConnectionHandler::OnAlive. False: it cannot.
  virtual bool Probe(Connection& connection) ESOCKETS_ON_LOOP = 0;

  // What to tell the peer when the connection ends, below 1000; before it does.
  virtual void SetEndCode(uint16_t code, std::string_view text) = 0;
  // The same, when the server stops and there is no code.
  virtual void SetGoingAway() = 0;

  // The connection ends: the transport's last word comes after what is queued.
  virtual void OnEnding() = 0;
};

}  // namespace esockets::server

#endif  // SERVER_TRANSPORT_H_
