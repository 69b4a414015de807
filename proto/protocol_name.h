// What the native protocol is called where protocols are agreed on.
#ifndef PROTO_PROTOCOL_NAME_H_
#define PROTO_PROTOCOL_NAME_H_

#include <string_view>

namespace esockets::proto {

// As subprotocol of WebSocket (RFC 6455, section 1.9), and in ALPN (RFC 7301).
inline constexpr std::string_view kProtocolName = "esockets.v1";

}  // namespace esockets::proto

#endif  // PROTO_PROTOCOL_NAME_H_
