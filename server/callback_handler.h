// Joins a connection to the callbacks of a SocketServer: cuts messages, saves them in the
// recv_queue where there is one, and calls back on the loop or on the pool.
#ifndef SERVER_CALLBACK_HANDLER_H_
#define SERVER_CALLBACK_HANDLER_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "base/executor.h"
#include "base/on_loop.h"
#include "server/callback_pool.h"
#include "server/connection.h"
#include "server/connection_handler.h"
#include "server/framing.h"
#include "server/server_handler.h"

namespace esockets::server {

class CallbackHandler final : public ConnectionHandler {
 public:
  struct Settings {
    ServerHandler* callbacks;
    CallbackPool* pool;  // null: the loop
    Framing framing;
    size_t message_bytes_max;
  };
  explicit CallbackHandler(const Settings& settings) : settings_(settings) {}

  void OnStart(Connection& client) override ESOCKETS_ON_LOOP;
  size_t OnBytes(Connection& client, std::string_view bytes) override ESOCKETS_ON_LOOP;
  void OnMessage(Connection& client, std::string_view message,
                 MessageKind kind) override ESOCKETS_ON_LOOP;
  void OnEndOfInput(Connection& client, bool unfinished) override ESOCKETS_ON_LOOP;
  void OnSendQueueHigh(Connection& client) override ESOCKETS_ON_LOOP;
  void OnSendQueueLow(Connection& client) override ESOCKETS_ON_LOOP;
  void OnClosed(Connection& client) override ESOCKETS_ON_LOOP;

 private:
  // Runs `callback` where this client's callbacks run.
  void Call(Connection& client, base::Task callback);
  void Deliver(Connection& client, std::string_view message, MessageKind kind) ESOCKETS_ON_LOOP;

  const Settings settings_;
};

}  // namespace esockets::server

#endif  // SERVER_CALLBACK_HANDLER_H_
