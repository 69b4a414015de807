// One connection that speaks HTTP/1.1: one request at a time, in their order, each answered before
// the next is read.
//
// States: idle -> receiving -> answering (-> sending, while the peer does not take the answer) ->
// idle. A request that is refused ends the connection, because nobody knows where the next begins.
#ifndef SERVER_HTTP_HTTP_CONNECTION_H_
#define SERVER_HTTP_HTTP_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/executor.h"
#include "base/on_loop.h"
#include "server/connection.h"
#include "server/connection_handler.h"
#include "server/http/limits.h"
#include "server/http/request_handler.h"
#include "server/http/request_parser.h"

namespace esockets::http {

// Owned by its connection. Thread: the loop.
class HttpConnection final : public server::ConnectionHandler {
 public:
  // REQUIRES: all outlive it.
  HttpConnection(RequestHandler* handler, const Limits* limits,
                 server::Connection* connection) ESOCKETS_ON_LOOP;

  // In the order in which it happens.
  size_t OnBytes(server::Connection& connection, std::string_view bytes) override ESOCKETS_ON_LOOP;
  void OnSendQueueLow(server::Connection& connection) override ESOCKETS_ON_LOOP;
  void OnClosed(server::Connection& connection) override ESOCKETS_ON_LOOP;

 private:
  enum class State : uint8_t { kIdle, kReceiving, kAnswering, kSending };

  void Wait(base::Duration timeout) ESOCKETS_ON_LOOP;
  void OnTimeout() ESOCKETS_ON_LOOP;
  void HandleRequest() ESOCKETS_ON_LOOP;
  void Answer(const Response& response) ESOCKETS_ON_LOOP;
  void BeginNext() ESOCKETS_ON_LOOP;
  // The last answer.
  void Refuse(Status status, std::string_view detail) ESOCKETS_ON_LOOP;

  RequestHandler& handler_;
  const Limits& limits_;
  server::Connection& connection_;
  RequestParser parser_;
  State state_ = State::kIdle;
  bool head_only_ = false;
  bool keep_alive_ = false;
  base::TimerId timer_;
  // Of the request that is being answered: an answer that comes when it is over finds it gone.
  std::shared_ptr<HttpConnection*> waiting_;
};

}  // namespace esockets::http

#endif  // SERVER_HTTP_HTTP_CONNECTION_H_
