// The server's side of the opening handshake (RFC 6455, section 4.2): whether a request becomes a
// WebSocket connection, and what is answered to it.
#ifndef SERVER_WEBSOCKET_HANDSHAKE_H_
#define SERVER_WEBSOCKET_HANDSHAKE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/request.h"
#include "server/http/response.h"
#include "server/websocket/deflate_offer.h"

namespace esockets::websocket {

struct HandshakeRules {
  // The client must offer it, and it is chosen. Empty: none is chosen, whatever is offered.
  std::string subprotocol;
  // Pages of these may connect, "https://chat.example.org", beside those that an address or
  // localhost has served itself. "*": any page.
  std::vector<std::string> origins;
  bool deflate = true;  // if the client offers it
};

struct Handshake {
  // Set: the request is refused.
  std::optional<http::Response> refusal;
  // The bytes of the answer.
  std::string response;
  std::optional<DeflateAgreement> deflate;
};

// Does the request ask for a WebSocket connection, rightly or not?
bool IsUpgrade(const http::Request& request);

// REQUIRES: IsUpgrade.
Handshake Answer(const http::Request& request, const HandshakeRules& rules);

// REQUIRES: Answer refuses the request.
http::Response Refusal(const http::Request& request, const HandshakeRules& rules);

// To a request that asks for something else where only WebSocket is spoken.
http::Response UpgradeRequired(std::string_view detail);

// Sec-WebSocket-Accept for such a Sec-WebSocket-Key (section 4.2.2).
std::string AcceptKey(std::string_view key);

}  // namespace esockets::websocket

#endif  // SERVER_WEBSOCKET_HANDSHAKE_H_
