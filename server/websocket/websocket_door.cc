#include "server/websocket/websocket_door.h"

#include <memory>
#include <utility>

#include "server/http/http_connection.h"

namespace esockets::websocket {
namespace {

// What all connections share.
class WebSocketDoor final : public http::RequestHandler {
 public:
  WebSocketDoor(DoorOptions options, server::MakeHandler behind)
      : options_(std::move(options)), behind_(std::move(behind)) {}

  const DoorOptions& options() const { return options_; }

  void Handle(const http::Request& request, Done done) override {
    // ChangeProtocol has taken what is not refused.
    if (IsUpgrade(request)) return done(Refusal(request, options_.rules));
    done(UpgradeRequired(options_.hint));
  }

  bool ChangeProtocol(const http::Request& request,
                      server::Connection& connection) override ESOCKETS_ON_LOOP {
    if (!IsUpgrade(request)) return false;
    const Handshake handshake = Answer(request, options_.rules);
    if (handshake.refusal) return false;
    Enter(connection, handshake, options_.transport, behind_);
    return true;
  }

 private:
  const DoorOptions options_;
  const server::MakeHandler behind_;
};

}  // namespace

void Enter(server::Connection& connection, const Handshake& handshake,
           const TransportSettings& settings, const server::MakeHandler& make_handler) {
  connection.SendSpan(connection.loop().arena().Write(handshake.response));
  const int window_bits = handshake.deflate ? handshake.deflate->window_bits : 0;
  auto transport =
      std::make_unique<WebSocketTransport>(&settings, window_bits, connection.send_queue_bytes());
  connection.ChangeProtocol(std::move(transport), make_handler(connection));
}

server::Door MakeWebSocketDoor(DoorOptions options) {
  return [options = std::move(options)](server::MakeHandler behind) -> server::MakeHandler {
    const auto door = std::make_shared<WebSocketDoor>(options, std::move(behind));
    return [door](server::Connection& connection) {
      connection.loop().AssertOnLoop();
      return std::make_unique<http::HttpConnection>(door.get(), &door->options().http, &connection);
    };
  };
}

}  // namespace esockets::websocket
