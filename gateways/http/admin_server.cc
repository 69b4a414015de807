#include "gateways/http/admin_server.h"

#include <memory>
#include <utility>

#include "base/log.h"
#include "gateways/http/refusal.h"
#include "server/connection.h"
#include "server/http/http_connection.h"
#include "server/http/response.h"

namespace esockets::http {

AdminServer::AdminServer(AdminServerOptions options, BrokerAccess broker)
    : options_(std::move(options)),
      server_(ServerOptions(), &events_),
      routes_(&server_.loop(0), std::move(broker), options_.rules, options_.limits.answer_timeout) {
}

AdminServer::~AdminServer() { Stop(); }

void AdminServer::Events::OnWarning(std::string_view warning) {
  base::Log(base::LogLevel::kWarning, "administration over HTTP warns", {{"reason", warning}});
}

server::SocketServerOptions AdminServer::ServerOptions() {
  server::SocketServerOptions server;
  server.listen = options_.listen;
  server.connections_max = options_.limits.connections_max;
  server.closed_clients_max = 0;
  server.make_handler = [this](server::Connection& connection) {
    connection.loop().AssertOnLoop();
    return std::make_unique<HttpConnection>(&routes_, &options_.limits, &connection);
  };
  server.on_refuse = [](std::string_view) {
    return Encode(Refusal(Status::kUnavailable, "there are as many connections as there may be"),
                  /*keep_alive=*/false);
  };
  return server;
}

void AdminServer::Replace(AccessRules rules) {
  server_.loop(0).Post([this, rules = std::move(rules)]() mutable {
    server_.loop(0).AssertOnLoop();
    routes_.Replace(std::move(rules));
  });
}

}  // namespace esockets::http
