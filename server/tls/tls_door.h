// The door of a server that speaks TLS alone:
//
//   auto context = tls::ServerContext::Load({.certificates = {{"chain.pem", "key.pem"}}}, keys);
//   SocketServer server({.port = 8443, .door = tls::MakeTlsDoor(live, {})}, &handler);
//
// What stands behind it, WebSocket for example, is another door.
#ifndef SERVER_TLS_TLS_DOOR_H_
#define SERVER_TLS_TLS_DOOR_H_

#include <memory>

#include "server/door.h"
#include "server/tls/live_context.h"

namespace esockets::tls {

// `next`: none: the handlers of the server stand behind it.
server::Door MakeTlsDoor(std::shared_ptr<const LiveContext> context, server::Door next = {});

}  // namespace esockets::tls

#endif  // SERVER_TLS_TLS_DOOR_H_
