#include "server/http/request_parser.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "gtest/gtest.h"

namespace esockets::http {
namespace {

// Feeds `bytes` in pieces as a connection would: what is not taken comes again.
class Feeder {
 public:
  explicit Feeder(RequestParser* parser) : parser_(*parser) {}

  void Feed(std::string_view bytes, size_t piece) {
    for (size_t at = 0; at < bytes.size() && Wants(); at += piece) {
      waiting_ += bytes.substr(at, piece);
      waiting_.erase(0, parser_.Parse(waiting_));
    }
  }
  const std::string& waiting() const { return waiting_; }

 private:
  bool Wants() const {
    return parser_.state() == RequestParser::State::kHead ||
           parser_.state() == RequestParser::State::kBody;
  }
  RequestParser& parser_;
  std::string waiting_;
};

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

TEST(RequestParserTest, ReadsARequestInWhateverPieces) {
  const struct {
    std::string_view bytes;
    std::string_view method;
    std::string_view target;
    std::string_view body;
    bool keep_alive;
  } kCases[] = {
      {kGet, "GET", "/", "", true},
      {"GET /a?b=c HTTP/1.1\r\nhOsT:a\r\nConnection: close\r\n\r\n", "GET", "/a?b=c", "", false},
      {"HEAD /x HTTP/1.0\r\n\r\n", "HEAD", "/x", "", false},
      {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET", "/", "", true},
      {"POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde", "POST", "/p", "abcde",
       true},
      {"POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "POST", "/p", "", true},
      {"POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
       "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
       "POST", "/p", "abcde", true},
      {"POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "POST", "/p",
       "", true},
      {"BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n", "BREW", "/pot", "", true},
  };
  const Limits limits;
  for (const auto& test : kCases) {
    for (const size_t piece : {size_t{1}, size_t{2}, size_t{7}, test.bytes.size()}) {
      RequestParser parser(&limits);
      Feeder feeder(&parser);
      feeder.Feed(test.bytes, piece);
      ASSERT_EQ(parser.state(), RequestParser::State::kDone) << test.bytes << parser.detail();
      EXPECT_EQ(feeder.waiting(), "");
      const Request request = parser.Take();
      EXPECT_EQ(request.method, test.method);
      EXPECT_EQ(request.target, test.target);
      EXPECT_EQ(request.body, test.body);
      EXPECT_EQ(request.keep_alive, test.keep_alive) << test.bytes;
    }
  }
}

TEST(RequestParserTest, FieldNamesHaveNoCase) {
  const Limits limits;
  RequestParser parser(&limits);
  parser.Parse("GET / HTTP/1.1\r\nHOST: a:1\r\nX-y:  Z \r\nx-Y: 2\r\n\r\n");
  const Request request = parser.Take();
  ASSERT_NE(request.Find("host"), nullptr);
  EXPECT_EQ(*request.Find("host"), "a:1");
  EXPECT_EQ(*request.Find("x-y"), "Z");
  EXPECT_EQ(request.Count("x-y"), 2U);
  EXPECT_EQ(request.Find("none"), nullptr);
}

TEST(RequestParserTest, WhatFollowsIsTheNextRequest) {
  const Limits limits;
  RequestParser parser(&limits);
  const std::string two = base::StrCat(kGet, "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
  const size_t used = parser.Parse(two);
  ASSERT_EQ(used, kGet.size());
  EXPECT_EQ(parser.Take().target, "/");
  EXPECT_EQ(parser.Parse(std::string_view(two).substr(used)), two.size() - used);
  EXPECT_EQ(parser.Take().target, "/2");
}

TEST(RequestParserTest, WhatTwoCouldReadDifferentlyIsRefused) {
  const std::string_view kPost = "POST / HTTP/1.1\r\nHost: a\r\n";
  const struct {
    std::string bytes;
    Status status;
    std::string_view detail = {};  // part of it
  } kCases[] = {
      // Not HTTP at all.
      {"\x16\x03\x01\x02", Status::kBadRequest, "does not begin"},
      {"get / HTTP/1.1\r\n\r\n", Status::kBadRequest, "does not begin"},
      {"GARBAGE\r\n\r\n", Status::kBadRequest, "does not begin"},
      // At once, with the first line.
      {"SSH-2.0-OpenSSH_9.2\r\n", Status::kBadRequest, "does not begin"},
      {"EHLO example.org\r\n", Status::kBadRequest, "does not begin"},
      {"GET /\r\n", Status::kBadRequest, "does not begin"},
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", Status::kBadRequest},
      {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", Status::kBadRequest},
      {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", Status::kBadRequest},
      {"GET /\r\n\r\n", Status::kBadRequest},
      // Lines.
      {"GET / HTTP/1.1\nHost: a\n\n", Status::kBadRequest, "without CR"},
      {"GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", Status::kBadRequest},
      {"GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", Status::kBadRequest, "second line"},
      {"GET / HTTP/1.1\r\n Host: a\r\n\r\n", Status::kBadRequest, "second line"},
      {"GET / HTTP/1.1\r\nHost: a\r\n\tb\r\n\r\n", Status::kBadRequest, "second line"},
      {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", Status::kBadRequest},
      {"GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", Status::kBadRequest},
      {"GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", Status::kBadRequest},
      {std::string("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", 28), Status::kBadRequest, "control"},
      // Host and other fields that may stand there once.
      {"GET / HTTP/1.1\r\n\r\n", Status::kBadRequest, "no Host"},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", Status::kBadRequest, "host stands"},
      {"GET / HTTP/1.1\r\nHost: a\r\nOrigin: b\r\norigin: c\r\n\r\n", Status::kBadRequest, "twice"},
      // How long the body is.
      {base::StrCat(kPost, "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
       Status::kBadRequest},
      {base::StrCat(kPost, "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n"),
       Status::kBadRequest},
      {base::StrCat(kPost, "Transfer-Encoding: identity\r\nContent-Length: 1\r\n\r\n"),
       Status::kBadRequest},
      {base::StrCat(kPost, "Transfer-Encoding: gzip, chunked\r\n\r\n"), Status::kBadRequest},
      {base::StrCat(kPost, "Transfer-Encoding: chunked, chunked\r\n\r\n"), Status::kBadRequest},
      {base::StrCat(kPost, "Transfer-Encoding: xchunked\r\n\r\n"), Status::kBadRequest},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", Status::kBadRequest},
      {base::StrCat(kPost, "Content-Length: 1\r\nContent-Length: 1\r\n\r\n"), Status::kBadRequest},
      {base::StrCat(kPost, "Content-Length: 1\r\nContent-Length: 2\r\n\r\n"), Status::kBadRequest},
      {base::StrCat(kPost, "Content-Length: 1, 1\r\n\r\n"), Status::kBadRequest},
      {base::StrCat(kPost, "Content-Length: -1\r\n\r\n"), Status::kBadRequest},
      {base::StrCat(kPost, "Content-Length: +1\r\n\r\n"), Status::kBadRequest},
      {base::StrCat(kPost, "Content-Length: 0x1\r\n\r\n"), Status::kBadRequest},
      {base::StrCat(kPost, "Content-Length: 18446744073709551616\r\n\r\n"), Status::kBadRequest},
      {base::StrCat(kPost, "Transfer-Encoding: chunked\r\n\r\nx\r\n"), Status::kBadRequest},
      {base::StrCat(kPost, "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n"),
       Status::kBadRequest},
      {base::StrCat(kPost, "Transfer-Encoding: chunked\r\n\r\n0\r\nHost: b\r\n\r\n"),
       Status::kBadRequest},
      {base::StrCat(kPost, "Transfer-Encoding: chunked\r\n\r\n11111111111111111\r\n"),
       Status::kBadRequest},
      {base::StrCat(kPost, "Expect: 100-continue\r\nContent-Length: 1\r\n\r\n"),
       Status::kExpectationFailed},
  };
  const Limits limits;
  for (const auto& test : kCases) {
    for (const size_t piece : {size_t{1}, test.bytes.size()}) {
      RequestParser parser(&limits);
      Feeder(&parser).Feed(test.bytes, piece);
      ASSERT_EQ(parser.state(), RequestParser::State::kRefused) << test.bytes;
      EXPECT_EQ(parser.refusal(), test.status) << test.bytes;
      EXPECT_NE(parser.detail().find(test.detail), std::string::npos)
          << test.bytes << parser.detail();
    }
  }
}

TEST(RequestParserTest, LimitsHoldToTheByte) {
  Limits limits;
  limits.head_bytes_max = 256;
  limits.body_bytes_max = 100;
  const std::string_view kHead = "POST / HTTP/1.1\r\nHost: a\r\n";
  const std::string chunked = base::StrCat(kHead, "Transfer-Encoding: chunked\r\n\r\n");
  const auto with_head = [&](size_t bytes) {
    std::string head = base::StrCat(kHead, "X: ");
    head.resize(bytes - 4, 'x');
    return head + "\r\n\r\n";
  };
  const auto with_body = [&](size_t bytes) {
    return base::StrCat(kHead, "Content-Length: ", bytes, "\r\n\r\n", std::string(bytes, 'b'));
  };
  const auto with_chunks = [&](size_t count) {
    std::string text = chunked;
    for (size_t i = 0; i < count; ++i) base::StrAppend(&text, "1\r\nc\r\n");
    return text + "0\r\n\r\n";
  };
  const struct {
    std::string bytes;
    std::optional<Status> refusal;
  } kCases[] = {
      {with_head(256), std::nullopt},
      {with_head(257), Status::kHeadTooLarge},
      {std::string(10'000, 'A'), Status::kHeadTooLarge},
      {with_body(100), std::nullopt},
      {with_body(101), Status::kContentTooLarge},
      {with_chunks(100), std::nullopt},
      {with_chunks(101), Status::kContentTooLarge},
      {chunked + "65\r\n", Status::kContentTooLarge},
      {chunked + "1;" + std::string(10'000, 'a'), Status::kBadRequest},
      {chunked + "0\r\nX: " + std::string(10'000, 'a'), Status::kBadRequest},
  };
  for (const auto& test : kCases) {
    for (const size_t piece : {size_t{1}, size_t{64}}) {
      RequestParser parser(&limits);
      Feeder(&parser).Feed(test.bytes, piece);
      if (!test.refusal) {
        EXPECT_EQ(parser.state(), RequestParser::State::kDone) << parser.detail();
        continue;
      }
      ASSERT_EQ(parser.state(), RequestParser::State::kRefused) << test.bytes.substr(0, 80);
      EXPECT_EQ(parser.refusal(), *test.refusal) << test.bytes.substr(0, 80) << parser.detail();
    }
  }
}

}  // namespace
}  // namespace esockets::http
