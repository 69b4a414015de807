#include "server/tls/tls_door.h"

#include <utility>

#include "server/connection.h"
#include "server/tls/tls_transport.h"

namespace esockets::tls {

server::Door MakeTlsDoor(std::shared_ptr<const LiveContext> context, server::Door next) {
  return [context = std::move(context),
          next = std::move(next)](server::MakeHandler behind) -> server::MakeHandler {
    server::MakeHandler make = next ? next(std::move(behind)) : std::move(behind);
    return [context, make = std::move(make)](server::Connection& connection) {
      std::unique_ptr<server::ConnectionHandler> handler = make(connection);
      handler->set_transport(std::make_unique<TlsTransport>(context->Get()));
      return handler;
    };
  };
}

}  // namespace esockets::tls
