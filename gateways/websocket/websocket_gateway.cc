#include "gateways/websocket/websocket_gateway.h"

#include <memory>
#include <utility>

#include "gateways/session_bridge.h"
#include "gateways/websocket/deflated_bridge.h"
#include "proto/protocol_name.h"
#include "server/websocket/websocket_door.h"

namespace esockets::websocket {

WebSocketGateway::WebSocketGateway(GatewaySettings settings, broker::Shard* shard,
                                   gateways::Codec* codec, server::EventLoop* loop,
                                   http::RequestHandler* pages)
    : rules_{.subprotocol = std::string(proto::kProtocolName),
             .origins = std::move(settings.origins),
             .deflate = settings.deflate},
      transport_{
          .messages = false, .texts = false, .message_bytes_max = settings.message_bytes_max},
      shard_(*shard),
      codec_(*codec),
      deflated_(loop),
      pages_(*pages) {}

void WebSocketGateway::Handle(const http::Request& request, Done done) {
  if (!IsUpgrade(request)) return pages_.Handle(request, std::move(done));
  done(Refusal(request, rules_));  // ChangeProtocol has taken what is not refused
}

bool WebSocketGateway::ChangeProtocol(const http::Request& request,
                                      server::Connection& connection) {
  if (!IsUpgrade(request)) return false;
  const Handshake handshake = Answer(request, rules_);
  if (handshake.refusal) return false;
  Enter(connection, handshake, transport_,
        [&](server::Connection& client) -> std::unique_ptr<server::ConnectionHandler> {
          client.loop().AssertOnLoop();
          if (!handshake.deflate) {
            return std::make_unique<gateways::SessionBridge>(&shard_, &codec_, &client);
          }
          return std::make_unique<DeflatedBridge>(&deflated_, handshake.deflate->window_bits,
                                                  &shard_, &codec_, &client);
        });
  return true;
}

}  // namespace esockets::websocket
