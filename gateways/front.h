// What may be spoken where: the rules of the door that all connections come in by.
#ifndef GATEWAYS_FRONT_H_
#define GATEWAYS_FRONT_H_

#include <memory>
#include <string_view>
#include <vector>

#include "base/on_loop.h"
#include "server/admission.h"
#include "server/connection.h"
#include "server/http/limits.h"
#include "server/http/request_handler.h"
#include "server/tls/live_context.h"
#include "server/trusted_addresses.h"

namespace esockets::gateways {

// HTTP as it is agreed on by ALPN (RFC 7301); the native protocol has proto::kProtocolName.
inline constexpr std::string_view kHttpAlpn = "http/1.1";

// What may be spoken on a listener.
struct Protocols {
  bool native = true;
  bool http = true;                         // and WebSocket
  std::shared_ptr<tls::LiveContext> tls{};  // null: in the clear; else nothing is
  // Null: whoever connects is the client. Else connections come through these, which say for whom
  // in a PROXY header; others are turned away.
  std::shared_ptr<const server::TrustedAddresses> proxies{};
};

// The same for all connections of a loop.
struct Front {
  std::vector<Protocols> of_listeners;  // by Connection::listener(); others: all
  http::RequestHandler* http;
  const http::Limits* http_limits;
  server::Admission* admission = nullptr;  // null: everybody is taken in

  const Protocols& Of(const server::Connection& connection) const;
  // ... on this connection as it is now: what was agreed on inside TLS is spoken, and nothing else.
  bool SpeaksNative(const server::Connection& connection) const ESOCKETS_ON_LOOP;
  bool SpeaksHttp(const server::Connection& connection) const ESOCKETS_ON_LOOP;
};

}  // namespace esockets::gateways

#endif  // GATEWAYS_FRONT_H_
