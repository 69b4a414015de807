#include "gateways/front_bridge.h"

#include <memory>

#include "broker/errors.h"
#include "server/http/http_connection.h"
#include "server/http/response.h"

namespace esockets::gateways {
namespace {

using broker::CloseCode;

// An alert of TLS: fatal, protocol_version (RFC 8446, section 6).
constexpr std::string_view kTlsAlert("\x15\x03\x01\x00\x02\x02\x46", 7);

// A CONNACK of MQTT 3.1.1: unacceptable protocol version.
constexpr std::string_view kMqttRefusal("\x20\x02\x00\x01", 4);

Protocols ProtocolsOf(const Front& front, const server::Connection& connection) {
  const size_t listener = connection.listener();
  return listener < front.of_listeners.size() ? front.of_listeners[listener] : Protocols{};
}

}  // namespace

size_t FrontBridge::OnBytes(server::Connection& connection, std::string_view bytes) {
  const bool is_first = session().is_new() && !session().ended();
  return is_first ? OnFirstBytes(connection, bytes) : SessionBridge::OnBytes(connection, bytes);
}

size_t FrontBridge::OnFirstBytes(server::Connection& connection, std::string_view bytes) {
  const Protocols allowed = ProtocolsOf(front_, connection);
  switch (WhatSpeaks(bytes)) {
    case FirstBytes::kUndecided:
      return 0;
    case FirstBytes::kNative:
      if (allowed.native) return SessionBridge::OnBytes(connection, bytes);
      session().End(CloseCode::kUnknownProtocol, "this port takes HTTP and WebSocket alone");
      break;
    case FirstBytes::kHttp:
      if (allowed.http) {
        session().OnGone(CloseCode::kLeft, "");
        connection.ChangeProtocol(nullptr, std::make_unique<http::HttpConnection>(
                                               front_.http, front_.http_limits, &connection));
        return 0;
      }
      Refuse(connection, "HTTP on a port of the native protocol",
             http::Encode(http::PlainRefusal(http::Status::kBadRequest,
                                             "this port takes the native protocol alone"),
                          /*keep_alive=*/false));
      break;
    case FirstBytes::kTls:
      Refuse(connection, "TLS on a port without TLS", kTlsAlert);
      break;
    case FirstBytes::kMqtt:
      Refuse(connection, "MQTT is not spoken here", kMqttRefusal);
      break;
    case FirstBytes::kUnknown:
      session().End(CloseCode::kUnknownProtocol, "");
      break;
  }
  return bytes.size();
}

void FrontBridge::Refuse(server::Connection& connection, std::string_view why,
                         std::string_view farewell) {
  session().OnGone(CloseCode::kUnknownProtocol, why);
  connection.Close(server::CloseMode::kAfterFlush, farewell);
}

}  // namespace esockets::gateways
