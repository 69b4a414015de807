// The callbacks of a SocketServer, in the original's words.
#ifndef SERVER_SERVER_HANDLER_H_
#define SERVER_SERVER_HANDLER_H_

#include <string_view>

#include "base/ref_counted.h"

namespace esockets::server {

class Connection;
using ClientPtr = base::RefPtr<Connection>;

// Thread: the client's loop; with callback_threads a thread of the pool, always the same one for
// one client. Callbacks of one client never overlap and come in order. Those without a client: any
// thread.
class ServerHandler {
 public:
  virtual ~ServerHandler() = default;

  // It listens.
  virtual void OnStart() {}
  virtual void OnClientConnect(const ClientPtr&) {}
  // `message` is valid during the call.
  virtual void OnMessageRecv(const ClientPtr&, std::string_view /*message*/) {}
  // The same, of a transport that tells texts from bytes. Default: OnMessageRecv.
  virtual void OnTextRecv(const ClientPtr& client, std::string_view text) {
    OnMessageRecv(client, text);
  }
  // `client->end()` says why. The last callback of a client.
  virtual void OnClientDisconnect(const ClientPtr&) {}
  // The send queue has passed its high watermark; it is down at the low one again.
  virtual void OnSendQueueHigh(const ClientPtr&) {}
  virtual void OnSendQueueLow(const ClientPtr&) {}
  // Before the clients are closed; after the last one is.
  virtual void OnServerShuttingDown() {}
  virtual void OnServerShutDown() {}
  // Something went wrong that the server survives.
  virtual void OnWarning(std::string_view /*warning*/) {}
};

}  // namespace esockets::server

#endif  // SERVER_SERVER_HANDLER_H_
