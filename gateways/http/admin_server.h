// The HTTP door: administration on a listener and a thread of its own, so that it answers while the
// broker's loops are busy, and says so when one of them is stuck.
#ifndef GATEWAYS_HTTP_ADMIN_SERVER_H_
#define GATEWAYS_HTTP_ADMIN_SERVER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "gateways/http/admin_routes.h"
#include "server/http/limits.h"
#include "server/server_handler.h"
#include "server/socket_address.h"
#include "server/socket_server.h"

namespace esockets::http {

struct AdminServerOptions {
  std::vector<std::string> listen;  // as of SocketServerOptions
  AccessRules rules;
  Limits limits;
};

// Thread: any, but for its own loop and the broker's.
class AdminServer {
 public:
  // REQUIRES: what `broker` names outlives the server, and the broker's loops have stopped, or were
  // never asked, when it is destroyed.
  AdminServer(AdminServerOptions options, BrokerAccess broker);
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;
  // Stops.
  ~AdminServer();

  // Errors: as of SocketServer::Start.
  absl::Status Start() { return server_.Start(); }
  void Stop() { server_.Stop(); }

  // Other rules for what is asked from here on.
  void Replace(AccessRules rules);

  std::vector<server::SocketAddress> addresses() const { return server_.addresses(); }

 private:
  // Callbacks of the socket core that concern no client.
  struct Events final : server::ServerHandler {
    void OnWarning(std::string_view warning) override;
  };

  server::SocketServerOptions ServerOptions();

  const AdminServerOptions options_;
  Events events_;
  server::SocketServer server_;
  AdminRoutes routes_;
};

}  // namespace esockets::http

#endif  // GATEWAYS_HTTP_ADMIN_SERVER_H_
