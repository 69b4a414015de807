#include "server/http/http_connection.h"

#include <utility>

#include "server/transport.h"

namespace esockets::http {

HttpConnection::HttpConnection(RequestHandler* handler, const Limits* limits,
                               server::Connection* connection)
    : handler_(*handler), limits_(*limits), connection_(*connection), parser_(limits) {
  Wait(limits_.request_timeout);
}

void HttpConnection::Wait(base::Duration timeout) {
  server::EventLoop& loop = connection_.loop();
  loop.Cancel(timer_);
  timer_ = loop.RunAt(loop.TurnTime() + timeout, [this] {
    connection_.loop().AssertOnLoop();
    OnTimeout();
  });
}

void HttpConnection::OnTimeout() {
  timer_ = {};
  if (state_ == State::kReceiving) {
    return Refuse(Status::kRequestTimeout, "the request did not arrive in time");
  }
  connection_.Close(state_ == State::kSending ? server::CloseMode::kNow
                                              : server::CloseMode::kAfterFlush);
}

// --- receiving ----------------------------------------------------------------------------------

size_t HttpConnection::OnBytes(server::Connection&, std::string_view bytes) {
  if (state_ == State::kAnswering || state_ == State::kSending) return 0;  // its turn will come
  if (state_ == State::kIdle) {
    state_ = State::kReceiving;
    Wait(limits_.request_timeout);
  }
  const size_t used = parser_.Parse(bytes);
  if (parser_.state() == RequestParser::State::kRefused) {
    Refuse(parser_.refusal(), parser_.detail());
    return bytes.size();
  }
  if (parser_.state() == RequestParser::State::kDone) HandleRequest();
  return used;
}

// --- answering ----------------------------------------------------------------------------------

// What follows is not read meanwhile, so that a peer which asks without end waits for its answers.
void HttpConnection::HandleRequest() {
  state_ = State::kAnswering;
  connection_.loop().Cancel(timer_);
  timer_ = {};
  connection_.PauseRead();
  Request request = parser_.Take();
  request.encrypted =
      connection_.transport() != nullptr && connection_.transport()->security() != nullptr;
  if (request.Find("upgrade") != nullptr && handler_.ChangeProtocol(request, connection_)) {
    return connection_.ResumeRead();
  }
  head_only_ = request.method == "HEAD";
  keep_alive_ = request.keep_alive;
  waiting_ = std::make_shared<HttpConnection*>(this);
  handler_.Handle(request,
                  [waiting = std::weak_ptr<HttpConnection*>(waiting_)](const Response& response) {
                    const std::shared_ptr<HttpConnection*> self = waiting.lock();
                    if (self == nullptr) return;
                    (*self)->connection_.loop().AssertOnLoop();
                    (*self)->Answer(response);
                  });
}

void HttpConnection::Answer(const Response& response) {
  waiting_.reset();
  const std::string bytes = Encode(response, keep_alive_, head_only_);
  if (!keep_alive_) return connection_.Close(server::CloseMode::kAfterFlush, bytes);
  connection_.Send(bytes);
  while (connection_.send_queue_bytes() > 0 && !connection_.refused()) connection_.FlushNow();
  if (connection_.send_queue_bytes() == 0) return BeginNext();
  state_ = State::kSending;
  Wait(limits_.send_timeout);
}

void HttpConnection::OnSendQueueLow(server::Connection&) {
  if (state_ == State::kSending) BeginNext();
}

void HttpConnection::BeginNext() {
  state_ = State::kIdle;
  Wait(limits_.idle_timeout);
  connection_.ResumeRead();
}

// --- ending -------------------------------------------------------------------------------------

void HttpConnection::Refuse(Status status, std::string_view detail) {
  connection_.loop().Cancel(timer_);
  timer_ = {};
  connection_.Close(server::CloseMode::kAfterFlush,
                    Encode(handler_.Refuse(status, detail), /*keep_alive=*/false));
}

void HttpConnection::OnClosed(server::Connection&) {
  connection_.loop().Cancel(timer_);
  waiting_.reset();
}

}  // namespace esockets::http
