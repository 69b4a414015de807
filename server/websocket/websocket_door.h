// The door of a server that speaks WebSocket alone:
//
//   SocketServer server({.port = 8080, .door = MakeWebSocketDoor({})}, &handler);
//
// Whoever completes the opening handshake is a client, whose messages come to OnMessageRecv.
#ifndef SERVER_WEBSOCKET_WEBSOCKET_DOOR_H_
#define SERVER_WEBSOCKET_WEBSOCKET_DOOR_H_

#include <string>
#include <string_view>

#include "base/on_loop.h"
#include "server/connection.h"
#include "server/door.h"
#include "server/http/limits.h"
#include "server/http/request.h"
#include "server/http/request_handler.h"
#include "server/websocket/handshake.h"
#include "server/websocket/websocket_transport.h"

namespace esockets::websocket {

struct DoorOptions {
  HandshakeRules rules{};
  TransportSettings transport{};
  http::Limits http{};
  // Plain text for who asks for something else.
  std::string hint = "This is a WebSocket server: connect with a WebSocket client.";
};

server::Door MakeWebSocketDoor(DoorOptions options);

// Sends the answer to the handshake and gives the connection the transport; what `make_handler`
// makes takes the place of its handler. REQUIRES: within OnBytes, and no refusal.
void Enter(server::Connection& connection, const Handshake& handshake,
           const TransportSettings& settings,
           const server::MakeHandler& make_handler) ESOCKETS_ON_LOOP;

}  // namespace esockets::websocket

#endif  // SERVER_WEBSOCKET_WEBSOCKET_DOOR_H_
