// What is asked over HTTP on the broker's port, and is no WebSocket: pages, and a word of help.
#ifndef GATEWAYS_WEBSOCKET_PAGES_H_
#define GATEWAYS_WEBSOCKET_PAGES_H_

#include <memory>
#include <string>

#include "base/on_loop.h"
#include "server/http/request.h"
#include "server/http/request_handler.h"
#include "server/http/static_pages.h"

namespace esockets::websocket {

// Of one loop.
class Pages final : public http::RequestHandler {
 public:
  explicit Pages(std::shared_ptr<const http::StaticPages> pages) : pages_(std::move(pages)) {}

  void Handle(const http::Request& request, Done done) override ESOCKETS_ON_LOOP;

 private:
  const std::shared_ptr<const http::StaticPages> pages_;
};

}  // namespace esockets::websocket

#endif  // GATEWAYS_WEBSOCKET_PAGES_H_
