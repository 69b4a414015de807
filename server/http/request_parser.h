// Reads one HTTP/1.1 request out of bytes as they come, strictly: what two programs could read
// differently is refused (RFC 9112, sections 5.2, 6.1, 6.3 and 11.2).
#ifndef SERVER_HTTP_REQUEST_PARSER_H_
#define SERVER_HTTP_REQUEST_PARSER_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/http/chunked_body.h"
#include "server/http/limits.h"
#include "server/http/request.h"
#include "server/http/status.h"

namespace esockets::http {

// Thread: one at a time.
class RequestParser {
 public:
  enum class State { kHead, kBody, kDone, kRefused };

  // REQUIRES: `limits` outlive the parser.
  explicit RequestParser(const Limits* limits);
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;
  ~RequestParser();

  // Takes bytes, from where the last call left off, and returns how many of them are done with: the
  // rest must come again, with what follows. REQUIRES: neither done nor refused.
  size_t Parse(std::string_view bytes);

  State state() const { return state_; }
  // Of a request that is refused: 400, 413, 417 or 431, and what is wrong with it.
  Status refusal() const { return refusal_; }
  const std::string& detail() const { return detail_; }

  // The request, once it is done; the parser begins the next one.
  Request Take();

 private:
  class Message;

  size_t ParseHead(std::string_view bytes);
  size_t ParseBody(std::string_view bytes);
  size_t ParseChunks(ChunkedBody* chunks, std::string_view bytes);
  // To Beast; returns how many it is done with.
  size_t Put(std::string_view bytes);
  void CheckFields();
  void RefuseLongBody();
  void Refuse(Status status, std::string_view detail);

  const Limits& limits_;
  State state_ = State::kHead;
  Status refusal_{};
  std::string detail_;
  Request request_;
  std::unique_ptr<Message> message_;
  std::optional<ChunkedBody> chunks_;  // of a body that comes in chunks
};

}  // namespace esockets::http

#endif  // SERVER_HTTP_REQUEST_PARSER_H_
