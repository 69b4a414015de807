#include "gateways/front.h"

namespace esockets::gateways {

// What was agreed on is spoken, and nothing else: a browser that was sent here by somebody else's
// page does not speak for it (the ALPACA attack).
Protocols Front::Of(const server::Connection& connection) const {
  const size_t listener = connection.listener();
  Protocols allowed = listener < of_listeners.size() ? of_listeners[listener] : Protocols{};
  if (connection.transport() == nullptr) return allowed;
  const server::TransportSecurity* security = connection.transport()->security();
  if (security == nullptr || security->application_protocol.empty()) return allowed;
  allowed.native = allowed.native && security->application_protocol == kNativeAlpn;
  allowed.http = allowed.http && security->application_protocol == kHttpAlpn;
  return allowed;
}

}  // namespace esockets::gateways
