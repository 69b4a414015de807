// Joins a connection, which knows HTTP, and the routes, which know the broker.
#ifndef GATEWAYS_HTTP_REQUEST_HANDLER_H_
#define GATEWAYS_HTTP_REQUEST_HANDLER_H_

#include <functional>

#include "base/on_loop.h"
#include "gateways/http/request.h"
#include "gateways/http/response.h"

namespace esockets::http {

// Thread: the loop of the connections.
class RequestHandler {
 public:
  using Done = std::function<void(Response response)>;
  // `done` is called once, on this loop, within the call or later; when it is later, the connection
  // may be gone.
  virtual void Handle(const Request& request, Done done) ESOCKETS_ON_LOOP = 0;

 protected:
  ~RequestHandler() = default;
};

}  // namespace esockets::http

#endif  // GATEWAYS_HTTP_REQUEST_HANDLER_H_
