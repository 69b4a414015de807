#include "gateways/front_bridge.h"

#include <memory>
#include <string>

#include "broker/errors.h"
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

std::string HttpRefusal(std::string_view why) {
  return http::Encode(http::PlainRefusal(http::Status::kBadRequest, why), /*keep_alive=*/false);
}

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
  const bool is_told = client.family() != server::SocketAddress::Family::kUnknown;
  if (is_told && !AdmitClient(connection, client)) return bytes.size();
  const std::string_view rest = bytes.substr(parsed.header.bytes);
  return parsed.header.bytes + (rest.empty() ? 0 : OnFirstBytes(connection, rest));
}

// False: there is no place for it, and it has been told.
bool FrontBridge::AdmitClient(server::Connection& connection, const server::SocketAddress& client) {
  connection.set_peer(client, /*counted=*/false);
  if (front_.admission == nullptr) return true;
  const server::AdmissionRefusal refusal =
      front_.admission->EnterAddress(connection.listener(), client, connection.loop().TurnTime());
  if (refusal == server::AdmissionRefusal::kNone) {
    connection.set_peer(client, /*counted=*/true);
    return true;
  }
  session().End(CloseCode::kTooManyClients,
                front_.admission->Describe(refusal, connection.listener()));
  return false;
}

size_t FrontBridge::OnFirstBytes(server::Connection& connection, std::string_view bytes) {
  const FirstBytes first = WhatSpeaks(bytes);
  if (first == FirstBytes::kUndecided) return 0;
  const bool in_the_clear = connection.transport() == nullptr;
  if (in_the_clear && front_.Of(connection).tls != nullptr) {
    if (first == FirstBytes::kTls) return BeginTls(connection);
    RefuseUnencrypted(connection, first);
  } else if (first == FirstBytes::kNative && front_.SpeaksNative(connection)) {
    return SessionBridge::OnBytes(connection, bytes);
  } else if (first == FirstBytes::kHttp && front_.SpeaksHttp(connection)) {
    return BeginHttp(connection);
  } else {
    RefuseProtocol(connection, first);
  }
  return bytes.size();
}

// The session goes on inside: its time to connect runs from accept.
size_t FrontBridge::BeginTls(server::Connection& connection) {
  set_transport(std::make_unique<tls::TlsTransport>(front_.Of(connection).tls->Get()));
  return 0;
}

size_t FrontBridge::BeginHttp(server::Connection& connection) {
  session().OnGone(CloseCode::kLeft, "");
  connection.ChangeProtocol(nullptr, std::make_unique<http::HttpConnection>(
                                         front_.http, front_.http_limits, &connection));
  return 0;
}

void FrontBridge::RefuseUnencrypted(server::Connection& connection, FirstBytes first) {
  if (first == FirstBytes::kNative) return session().End(CloseCode::kTlsRequired, "");
  if (first != FirstBytes::kHttp) return RefuseProtocol(connection, first);
  Refuse(connection, CloseCode::kTlsRequired, "HTTP without TLS",
         HttpRefusal("this port takes TLS alone: use https or wss"));
}

void FrontBridge::RefuseProtocol(server::Connection& connection, FirstBytes first) {
  constexpr CloseCode kCode = CloseCode::kUnknownProtocol;
  switch (first) {
    case FirstBytes::kNative:
      return session().End(kCode, "this port takes HTTP and WebSocket alone");
    case FirstBytes::kHttp:
      return Refuse(connection, kCode, "HTTP on a port of the native protocol",
                    HttpRefusal("this port takes the native protocol alone"));
    case FirstBytes::kTls:
      if (connection.transport() != nullptr) return session().End(kCode, "TLS inside of TLS");
      return Refuse(connection, kCode, "TLS on a port without TLS", kTlsAlert);
    case FirstBytes::kMqtt:
      return Refuse(connection, kCode, "MQTT is not spoken here", kMqttRefusal);
    case FirstBytes::kUndecided:
    case FirstBytes::kUnknown:
      return session().End(kCode, "");
  }
}

void FrontBridge::Refuse(server::Connection& connection, CloseCode code, std::string_view why,
                         std::string_view farewell) {
  session().OnGone(code, why);
  connection.Close(server::CloseMode::kAfterFlush, farewell);
}

}  // namespace esockets::gateways
