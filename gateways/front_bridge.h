// What a new connection meets: a session of the native protocol, unless its first bytes say that it
// speaks HTTP; in the clear or inside TLS, as its listener wants it. What this port does not speak
// gets an answer in its own words where it has some.
#ifndef GATEWAYS_FRONT_BRIDGE_H_
#define GATEWAYS_FRONT_BRIDGE_H_

#include <cstddef>
#include <string_view>

#include "base/on_loop.h"
#include "broker/errors.h"
#include "broker/shard.h"
#include "gateways/codec.h"
#include "gateways/first_bytes.h"
#include "gateways/front.h"
#include "gateways/session_bridge.h"
#include "server/connection.h"

namespace esockets::gateways {

class FrontBridge final : public SessionBridge {
 public:
  // REQUIRES: `front`, and what it names, outlive the bridge; as of SessionBridge.
  FrontBridge(const Front* front, broker::Shard* shard, Codec* codec,
              server::Connection* connection) ESOCKETS_ON_LOOP;

  size_t OnBytes(server::Connection& connection, std::string_view bytes) override ESOCKETS_ON_LOOP;

 private:
  size_t OnProxyHeader(server::Connection& connection, std::string_view bytes) ESOCKETS_ON_LOOP;
  bool AdmitClient(server::Connection& connection,
                   const server::SocketAddress& client) ESOCKETS_ON_LOOP;
  size_t OnFirstBytes(server::Connection& connection, std::string_view bytes) ESOCKETS_ON_LOOP;
  size_t BeginTls(server::Connection& connection) ESOCKETS_ON_LOOP;
  size_t BeginHttp(server::Connection& connection) ESOCKETS_ON_LOOP;
  void RefuseUnencrypted(server::Connection& connection, FirstBytes first) ESOCKETS_ON_LOOP;
  void RefuseProtocol(server::Connection& connection, FirstBytes first) ESOCKETS_ON_LOOP;
  // Ends a connection that nothing native can be said to.
  void Refuse(server::Connection& connection, broker::CloseCode code, std::string_view why,
              std::string_view farewell) ESOCKETS_ON_LOOP;

  const Front& front_;
  bool awaits_proxy_header_;
};

}  // namespace esockets::gateways

#endif  // GATEWAYS_FRONT_BRIDGE_H_
