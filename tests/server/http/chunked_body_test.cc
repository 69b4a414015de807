#include "server/http/chunked_body.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace esockets::http {
namespace {

using State = ChunkedBody::State;

constexpr size_t kBytesMax = 20;

TEST(ChunkedBodyTest, WhateverThePieces) {
  const struct {
    std::string_view bytes;
    State state;
    std::string_view body = {};
  } kCases[] = {
      {"0\r\n\r\n", State::kDone},
      {"00000000\r\n\r\n", State::kDone},
      {"3\r\nabc\r\n0\r\n\r\n", State::kDone, "abc"},
      {"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", State::kDone, "01234567890123456789"},
      {"2\r\n\r\n\r\n0\r\n\r\n", State::kDone, "\r\n"},
      {"", State::kUnfinished},
      {"3\r\nab", State::kUnfinished, "ab"},
      {"0\r\n\r", State::kUnfinished},
      {"14\r\n", State::kUnfinished},
      {"15\r\n", State::kTooLarge},
      {"ffffffff\r\n", State::kTooLarge},
      {"14\r\n01234567890123456789\r\n1\r\n", State::kTooLarge, "01234567890123456789"},
      {"000000000", State::kMalformed},
      {"100000000", State::kMalformed},
      {"\r\n", State::kMalformed},
      {"-1\r\n", State::kMalformed},
      {"+1\r\n", State::kMalformed},
      {"0x1\r\n", State::kMalformed},
      {" 1\r\n", State::kMalformed},
      {"1 \r\n", State::kMalformed},
      {"1;a=b\r\n", State::kMalformed},
      {"1;a=\"\r\n", State::kMalformed},
      {"1\n", State::kMalformed},
      {"1\r\r", State::kMalformed},
      {"1\r\nab", State::kMalformed, "a"},
      {"1\r\na\n", State::kMalformed, "a"},
      {"1\r\na\r\r", State::kMalformed, "a"},
      {"0\r\nHost: b\r\n\r\n", State::kMalformed},
      {"0\r\n\r\r", State::kMalformed},
  };
  for (const auto& test : kCases) {
    for (const size_t piece : {size_t{1}, size_t{2}, size_t{5}, size_t{100}}) {
      ChunkedBody chunks(kBytesMax);
      std::string body;
      size_t used = 0;
      for (size_t at = 0; at < test.bytes.size() && chunks.state() == State::kUnfinished;
           at += piece) {
        used += chunks.Parse(test.bytes.substr(at, piece), &body);
      }
      EXPECT_EQ(chunks.state(), test.state) << test.bytes;
      EXPECT_EQ(body, test.body) << test.bytes;
      if (test.state == State::kDone) {
        EXPECT_EQ(used, test.bytes.size());
      }
    }
  }
}

TEST(ChunkedBodyTest, WhatFollowsIsNotItsOwn) {
  ChunkedBody chunks(kBytesMax);
  std::string body;
  EXPECT_EQ(chunks.Parse("1\r\na\r\n0\r\n\r\nGET /", &body), 11U);
  EXPECT_EQ(chunks.state(), State::kDone);
}

}  // namespace
}  // namespace esockets::http
