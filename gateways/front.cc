#include "gateways/front.h"

#include "proto/protocol_name.h"

namespace esockets::gateways {
namespace {

// A browser that was sent here by somebody else's page does not speak for it (the ALPACA attack).
bool IsAgreedOn(const server::Connection& connection,
                std::string_view application_protocol) ESOCKETS_ON_LOOP {
  const server::TransportSecurity* const security =
      connection.transport() == nullptr ? nullptr : connection.transport()->security();
  return security == nullptr || security->application_protocol.empty() ||
         security->application_protocol == application_protocol;
}

}  // namespace

const Protocols& Front::Of(const server::Connection& connection) const {
  static const Protocols all;
  const size_t listener = connection.listener();
  return listener < of_listeners.size() ? of_listeners[listener] : all;
}

bool Front::SpeaksNative(const server::Connection& connection) const {
  return Of(connection).native && IsAgreedOn(connection, proto::kProtocolName);
}

bool Front::SpeaksHttp(const server::Connection& connection) const {
  return Of(connection).http && IsAgreedOn(connection, kHttpAlpn);
}

}  // namespace esockets::gateways
