// Joins a connection, which knows HTTP, and what is asked through it.
#ifndef SERVER_HTTP_REQUEST_HANDLER_H_
#define SERVER_HTTP_REQUEST_HANDLER_H_

#include <functional>
#include <string_view>

#include "base/on_loop.h"
#include "server/http/request.h"
#include "server/http/response.h"
#include "server/http/status.h"

namespace esockets::server {
class Connection;
}

namespace esockets::http {

// Thread: the loop of the connections.
class RequestHandler {
 public:
  using Done = std::function<void(Response response)>;
  // `done` is called once, on this loop, within the call or later; when it is later, the connection
  // may be gone.
  virtual void Handle(const Request& request, Done done) ESOCKETS_ON_LOOP = 0;

  // Asked first, when the request has an Upgrade (RFC 9110, section 7.8). True: the answer is sent,
  // and the connection has another handler. Default: the request is answered as any other.
  virtual bool ChangeProtocol(const Request&, server::Connection&) ESOCKETS_ON_LOOP {
    return false;
  }

  // The last answer, to what is no request. Default: plain text.
  virtual Response Refuse(Status status, std::string_view detail) const {
    return PlainRefusal(status, detail);
  }

 protected:
  ~RequestHandler() = default;
};

}  // namespace esockets::http

#endif  // SERVER_HTTP_REQUEST_HANDLER_H_
