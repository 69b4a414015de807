#include "server/http/request_parser.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "base/check.h"
#include "base/strings.h"
#include "boost/beast/http/basic_parser.hpp"
#include "boost/beast/http/error.hpp"
#include "server/http/text.h"

namespace esockets::http {
namespace {

namespace beast = boost::beast;

std::string_view ToStd(beast::string_view text) { return {text.data(), text.size()}; }

bool IsRequestLine(std::string_view line) { return line.find(" HTTP/") != std::string_view::npos; }

// What is wrong with the bytes of a head, whole or not; empty: nothing so far. Beast joins a folded
// line to the one before, and others read a line feed alone as the end of a line.
std::string_view HeadMistake(std::string_view head) {
  constexpr std::string_view kNoHttp = "this does not begin as HTTP does";
  if (head.front() < 'A' || head.front() > 'Z') return kNoHttp;
  const size_t first_line_end = head.find('\n');
  for (size_t i = 1; i < head.size(); ++i) {
    const char c = head[i];
    const bool line_begins = i >= 2 && head[i - 1] == '\n' && head[i - 2] == '\r';
    if (line_begins && (c == ' ' || c == '\t')) return "a field goes on in a second line";
    if (c == '\n' && head[i - 1] != '\r') return "a line ends without CR";
    // Who speaks something else, like SSH, sends a line and waits for an answer.
    if (i == first_line_end && !IsRequestLine(head.substr(0, i))) return kNoHttp;
    const bool control = static_cast<unsigned char>(c) < ' ' || c == '\x7f';
    if (control && c != '\r' && c != '\n' && c != '\t') return "a control character";
  }
  return {};
}

// Fields that mean something here: twice, they could mean two things.
constexpr auto kOnce =
    std::to_array<std::string_view>({"host", "content-length", "transfer-encoding", "content-type",
                                     "authorization", "origin", "sec-fetch-site"});

}  // namespace

// Beast's state machine, which fills a Request: the head, and a body of a known length. What it
// makes of chunks depends on how their bytes are cut: those it never sees.
class RequestParser::Message final : public beast::http::basic_parser<true> {
 public:
  Message(const Limits& limits, Request* request) : request_(*request) {
    header_limit(static_cast<uint32_t>(limits.head_bytes_max));
    body_limit(limits.body_bytes_max);
    eager(true);
  }

 private:
  using Error = beast::error_code;
  using Text = beast::string_view;

  void on_request_impl(beast::http::verb, Text method, Text target, int version, Error&) override {
    request_.method = ToStd(method);
    request_.target = ToStd(target);
    request_.http_1_1 = version == 11;
  }
  void on_response_impl(int, Text, int, Error&) override {}
  void on_field_impl(beast::http::field, Text name, Text value, Error&) override {
    request_.fields.emplace_back(ToLower(ToStd(name)), ToStd(value));
  }
  void on_header_impl(Error&) override {}
  void on_body_init_impl(boost::optional<uint64_t> const&, Error&) override {}
  size_t on_body_impl(Text body, Error&) override {
    request_.body += ToStd(body);
    return body.size();
  }
  void on_chunk_header_impl(uint64_t, Text, Error&) override {}
  size_t on_chunk_body_impl(uint64_t, Text body, Error&) override { return body.size(); }
  void on_finish_impl(Error&) override {}

  Request& request_;
};

RequestParser::RequestParser(const Limits* limits) : limits_(*limits) {}

RequestParser::~RequestParser() = default;

size_t RequestParser::Parse(std::string_view bytes) {
  ESOCKETS_CHECK(state_ == State::kHead || state_ == State::kBody);
  size_t used = 0;
  if (state_ == State::kHead) used = ParseHead(bytes);
  if (state_ == State::kBody) used += ParseBody(bytes.substr(used));
  return used;
}

// Beast gets the head whole.
size_t RequestParser::ParseHead(std::string_view bytes) {
  if (bytes.empty()) return 0;
  constexpr std::string_view kEnd = "\r\n\r\n";
  const std::string_view seen = bytes.substr(0, limits_.head_bytes_max);
  const size_t end = seen.find(kEnd);
  const bool whole = end != std::string_view::npos;
  const std::string_view head = whole ? seen.substr(0, end + kEnd.size()) : seen;
  if (const std::string_view mistake = HeadMistake(head); !mistake.empty()) {
    Refuse(Status::kBadRequest, mistake);
    return 0;
  }
  if (!whole) {
    if (seen.size() == limits_.head_bytes_max) {
      Refuse(Status::kHeadTooLarge, base::StrCat("request line and fields are more than ",
                                                 limits_.head_bytes_max, " bytes"));
    }
    return 0;
  }
  message_ = std::make_unique<Message>(limits_, &request_);
  state_ = State::kBody;
  const size_t used = Put(head);
  if (state_ == State::kRefused) return head.size();
  if (!message_->is_header_done() || used != head.size()) {
    Refuse(Status::kBadRequest, "the head does not end");
    return head.size();
  }
  CheckFields();
  request_.keep_alive = message_->keep_alive();
  if (message_->chunked()) chunks_.emplace(limits_.body_bytes_max);
  return head.size();
}

size_t RequestParser::ParseBody(std::string_view bytes) {
  if (chunks_) return ParseChunks(&*chunks_, bytes);
  const size_t used = message_->is_done() || bytes.empty() ? 0 : Put(bytes);
  if (state_ != State::kRefused && message_->is_done()) state_ = State::kDone;
  return used;
}

size_t RequestParser::ParseChunks(ChunkedBody* chunks, std::string_view bytes) {
  const size_t used = chunks->Parse(bytes, &request_.body);
  switch (chunks->state()) {
    case ChunkedBody::State::kUnfinished:
      break;
    case ChunkedBody::State::kDone:
      state_ = State::kDone;
      break;
    case ChunkedBody::State::kMalformed:
      Refuse(Status::kBadRequest, "this is no chunk, or has an extension or a trailer");
      break;
    case ChunkedBody::State::kTooLarge:
      RefuseLongBody();
      break;
  }
  return used;
}

size_t RequestParser::Put(std::string_view bytes) {
  beast::error_code error;
  const size_t used = message_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  if (error == beast::http::error::body_limit) {
    RefuseLongBody();
  } else if (error && error != beast::http::error::need_more) {
    Refuse(Status::kBadRequest, error.message());
  }
  return used;
}

void RequestParser::CheckFields() {
  for (const std::string_view name : kOnce) {
    if (request_.Count(name) > 1) {
      return Refuse(Status::kBadRequest, base::StrCat(name, " stands there twice"));
    }
  }
  // HTTP/1.0 has no Host; who sends that is no browser.
  if (request_.http_1_1 && request_.Find("host") == nullptr) {
    return Refuse(Status::kBadRequest, "there is no Host");
  }
  const std::string* length = request_.Find("content-length");
  if (length != nullptr && !IsNumber(*length)) {
    return Refuse(Status::kBadRequest, "Content-Length is no number");
  }
  if (const std::string* encoding = request_.Find("transfer-encoding")) {
    const std::string lower = ToLower(*encoding);
    if (length != nullptr || !request_.http_1_1 || (lower != "chunked" && lower != "identity")) {
      return Refuse(Status::kBadRequest,
                    "Transfer-Encoding must be chunked, in HTTP/1.1, without Content-Length");
    }
  }
  if (request_.Find("expect") != nullptr) {
    Refuse(Status::kExpectationFailed, "the body may come at once");
  }
}

void RequestParser::RefuseLongBody() {
  Refuse(Status::kContentTooLarge,
         base::StrCat("the body is more than ", limits_.body_bytes_max, " bytes"));
}

void RequestParser::Refuse(Status status, std::string_view detail) {
  state_ = State::kRefused;
  refusal_ = status;
  detail_ = detail;
}

Request RequestParser::Take() {
  ESOCKETS_CHECK(state_ == State::kDone);
  state_ = State::kHead;
  message_.reset();
  chunks_.reset();
  return std::exchange(request_, Request());
}

}  // namespace esockets::http
