// What a client says in Sec-WebSocket-Extensions, and what we make of it (RFC 6455, section 9.1,
// and RFC 7692, section 7).
#ifndef SERVER_WEBSOCKET_DEFLATE_OFFER_H_
#define SERVER_WEBSOCKET_DEFLATE_OFFER_H_

#include <optional>
#include <string>
#include <string_view>

#include "server/websocket/deflate.h"

namespace esockets::websocket {

struct DeflateAgreement {
  // Of the server's window, at most.
  int window_bits = kWindowBitsMax;
  // The element of the response.
  std::string element;
};

// The first offer of permessage-deflate that we can meet; nothing: none, or the header is
// malformed.
std::optional<DeflateAgreement> AcceptDeflate(std::string_view extensions);

}  // namespace esockets::websocket

#endif  // SERVER_WEBSOCKET_DEFLATE_OFFER_H_
