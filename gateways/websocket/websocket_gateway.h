// The native protocol over WebSocket: who completes the opening handshake has a session like any
// other. What else is asked over HTTP goes to the pages.
#ifndef GATEWAYS_WEBSOCKET_WEBSOCKET_GATEWAY_H_
#define GATEWAYS_WEBSOCKET_WEBSOCKET_GATEWAY_H_

#include <string>
#include <vector>

#include "base/on_loop.h"
#include "broker/shard.h"
#include "gateways/codec.h"
#include "gateways/websocket/deflated_frames.h"
#include "server/connection.h"
#include "server/event_loop.h"
#include "server/http/request.h"
#include "server/http/request_handler.h"
#include "server/websocket/handshake.h"
#include "server/websocket/websocket_transport.h"

namespace esockets::websocket {

struct GatewaySettings {
  std::vector<std::string> origins;  // as of HandshakeRules
  bool deflate = true;
  // Of a message that a client has compressed: a frame of the largest size has room, and some more
  // beside it.
  size_t message_bytes_max = 2 << 20;
};

// Of one loop.
class WebSocketGateway final : public http::RequestHandler {
 public:
  // REQUIRES: all outlive the gateway and its connections. `pages` answers requests that ask for
  // no WebSocket.
  WebSocketGateway(GatewaySettings settings, broker::Shard* shard, gateways::Codec* codec,
                   server::EventLoop* loop, http::RequestHandler* pages);

  void Handle(const http::Request& request, Done done) override ESOCKETS_ON_LOOP;
  bool ChangeProtocol(const http::Request& request,
                      server::Connection& connection) override ESOCKETS_ON_LOOP;

 private:
  const HandshakeRules rules_;
  const TransportSettings transport_;
  broker::Shard& shard_;
  gateways::Codec& codec_;
  DeflatedFrames deflated_;
  http::RequestHandler& pages_;
};

}  // namespace esockets::websocket

#endif  // GATEWAYS_WEBSOCKET_WEBSOCKET_GATEWAY_H_
