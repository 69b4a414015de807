#include "gateways/websocket/pages.h"

#include <string_view>
#include <utility>

#include "server/websocket/handshake.h"

namespace esockets::websocket {
namespace {

constexpr std::string_view kHint =
    "this is an ESocketS broker. Programs connect with a client of ESocketS; pages over WebSocket "
    "with the subprotocol esockets.v1; administration over HTTP has a port of its own";

}  // namespace

void Pages::Handle(const http::Request& request, Done done) {
  if (request.target != "/" || pages_->size() > 0) return done(pages_->Answer(request, kHint));
  done(UpgradeRequired(kHint));
}

}  // namespace esockets::websocket
