#include "gateways/front_bridge.h"

#include <memory>

#include "broker/errors.h"
#include "gateways/first_bytes.h"
#include "server/http/http_connection.h"
#include "server/http/response.h"
#include "server/proxy_header.h"
#include "server/tls/tls_transport.h"

namespace esockets::gateways {
namespace {

using broker::CloseCode;

// An alert of TLS: fatal, protocol_version (RFC 8446, section 6).
constexpr std::string_view kTlsAlert("\x15\x03\x01\x00\x02\x02\x46", 7);

// A CONNACK of MQTT 3.1.1: unacceptable protocol version.
constexpr std::string_view kMqttRefusal("\x20\x02\x00\x01", 4);

}  // namespace

FrontBridge::FrontBridge(const Front* front, broker::Shard* shard, Codec* codec,
                         server::Connection* connection)
    : SessionBridge(shard, codec, connection),
      front_(*front),
      awaits_proxy_header_(front->Of(*connection).proxies != nullptr) {}

size_t FrontBridge::OnBytes(server::Connection& connection, std::string_view bytes) {
  const bool is_first = session().is_new() && !session().ended();
  if (!is_first) return SessionBridge::OnBytes(connection, bytes);
  return awaits_proxy_header_ ? OnProxyHeader(connection, bytes) : OnFirstBytes(connection, bytes);
}

// From here on the client is who the proxy says. Of a header without an address the proxy itself is
// the client: it looks after us.
size_t FrontBridge::OnProxyHeader(server::Connection& connection, std::string_view bytes) {
  if (!front_.Of(connection).proxies->Contains(connection.peer())) {
    Refuse(connection, CloseCode::kProxyRefused, "not from a proxy that is trusted", {});
    return bytes.size();
  }
  const server::ParsedProxyHeader parsed = server::ParseProxyHeader(bytes);
  if (parsed.status == server::ProxyHeaderStatus::kIncomplete) return 0;
  if (parsed.status == server::ProxyHeaderStatus::kMalformed) {
    Refuse(connection, CloseCode::kProxyRefused, parsed.error, {});
    return bytes.size();
  }
  awaits_proxy_header_ = false;
  const server::SocketAddress& client = parsed.header.source;
  if (client.family() != server::SocketAddress::Family::kUnknown) connection.set_peer(client);
  const std::string_view rest = bytes.substr(parsed.header.bytes);
  return parsed.header.bytes + (rest.empty() ? 0 : OnFirstBytes(connection, rest));
}

size_t FrontBridge::OnFirstBytes(server::Connection& connection, std::string_view bytes) {
  const Protocols allowed = front_.Of(connection);
  const bool must_encrypt = allowed.tls != nullptr && connection.transport() == nullptr;
  switch (WhatSpeaks(bytes)) {
    case FirstBytes::kUndecided:
      return 0;
    case FirstBytes::kNative:
      return OnNative(connection, allowed, must_encrypt, bytes);
    case FirstBytes::kHttp:
      return OnHttp(connection, allowed, must_encrypt, bytes);
    case FirstBytes::kTls:
      return OnTls(connection, allowed, must_encrypt, bytes);
    case FirstBytes::kMqtt:
      Refuse(connection, CloseCode::kUnknownProtocol, "MQTT is not spoken here", kMqttRefusal);
      break;
    case FirstBytes::kUnknown:
      session().End(CloseCode::kUnknownProtocol, "");
      break;
  }
  return bytes.size();
}

size_t FrontBridge::OnNative(server::Connection& connection, const Protocols& allowed,
                             bool must_encrypt, std::string_view bytes) {
  if (allowed.native && !must_encrypt) return SessionBridge::OnBytes(connection, bytes);
  if (must_encrypt) {
    session().End(CloseCode::kTlsRequired, "");
  } else {
    session().End(CloseCode::kUnknownProtocol, "this port takes HTTP and WebSocket alone");
  }
  return bytes.size();
}

size_t FrontBridge::OnHttp(server::Connection& connection, const Protocols& allowed,
                           bool must_encrypt, std::string_view bytes) {
  if (allowed.http && !must_encrypt) {
    session().OnGone(CloseCode::kLeft, "");
    connection.ChangeProtocol(nullptr, std::make_unique<http::HttpConnection>(
                                           front_.http, front_.http_limits, &connection));
    return 0;
  }
  const std::string_view why = must_encrypt ? "this port takes TLS alone: use https or wss"
                                            : "this port takes the native protocol alone";
  Refuse(connection, must_encrypt ? CloseCode::kTlsRequired : CloseCode::kUnknownProtocol,
         must_encrypt ? "HTTP without TLS" : "HTTP on a port of the native protocol",
         http::Encode(http::PlainRefusal(http::Status::kBadRequest, why), /*keep_alive=*/false));
  return bytes.size();
}

// The session goes on inside: its time to connect runs from accept.
size_t FrontBridge::OnTls(server::Connection& connection, const Protocols& allowed,
                          bool must_encrypt, std::string_view bytes) {
  if (must_encrypt) {
    set_transport(std::make_unique<tls::TlsTransport>(allowed.tls->Get()));
    return 0;
  }
  if (connection.transport() == nullptr) {
    Refuse(connection, CloseCode::kUnknownProtocol, "TLS on a port without TLS", kTlsAlert);
  } else {
    session().End(CloseCode::kUnknownProtocol, "TLS inside of TLS");
  }
  return bytes.size();
}

void FrontBridge::Refuse(server::Connection& connection, CloseCode code, std::string_view why,
                         std::string_view farewell) {
  session().OnGone(code, why);
  connection.Close(server::CloseMode::kAfterFlush, farewell);
}

}  // namespace esockets::gateways
