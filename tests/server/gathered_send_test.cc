#include "server/gathered_send.h"

#include <cerrno>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/fake_socket_api.h"

namespace esockets::server {
namespace {

using tests::FakeSocketApi;

struct Pieces {
  explicit Pieces(std::vector<std::string> of) : texts(std::move(of)) {
    for (const std::string& text : texts) {
      vectors.push_back(ToVector(text));
      all += text;
    }
  }
  std::vector<std::string> texts;
  std::vector<iovec> vectors;
  std::string all;
};

TEST(GatheredSend, SmallPiecesAreCopiedTogetherAndLargeOnesAreNot) {
  const struct {
    std::vector<std::string> texts;
    bool gathered;
  } cases[] = {
      {{"a"}, true},
      {{"a", "", "bc"}, true},
      {{std::string(2 * kGatherSpanBytesMax, 'x'), ""}, true},
      {{std::string(2 * kGatherSpanBytesMax, 'x'), "y"}, false},
      {std::vector<std::string>(64, std::string(kGatherSpanBytesMax, 'z')), true},
      {std::vector<std::string>(64, std::string(kGatherSpanBytesMax + 1, 'z')), false},
      {{std::string(kGatherBytesMax + 1, 'x')}, false},
  };
  for (const auto& c : cases) {
    Pieces pieces(c.texts);
    FakeSocketApi api(FakeSocketApi::Mode::kCapture);
    SendPool pool;
    EXPECT_EQ(SendGathered(pieces.vectors, 3, api, pool), static_cast<ssize_t>(pieces.all.size()));
    EXPECT_EQ(api.sent(), pieces.all);
    EXPECT_EQ(api.sends(), 1u);
    EXPECT_EQ(api.vector_sends(), c.gathered ? 0u : 1u);
    EXPECT_EQ(IsBetterGathered(c.texts.size(), pieces.all.size()), c.gathered);
  }
}

TEST(GatheredSend, WhatTheKernelTookIsReturned) {
  for (const size_t size : {size_t{10}, size_t{5000}}) {
    Pieces pieces({std::string(size, 'a'), std::string(size, 'b')});
    FakeSocketApi api(FakeSocketApi::Mode::kCapture);
    SendPool pool;
    api.set_send_script([&](size_t) { return static_cast<ssize_t>(size + 3); });
    EXPECT_EQ(SendGathered(pieces.vectors, 3, api, pool), static_cast<ssize_t>(size + 3));
    EXPECT_EQ(api.sent(), pieces.all.substr(0, size + 3));
    for (const int error : {EAGAIN, EPIPE}) {
      api.set_send_script([=](size_t) { return static_cast<ssize_t>(-error); });
      EXPECT_EQ(SendGathered(pieces.vectors, 3, api, pool), -error);
    }
  }
}

}  // namespace
}  // namespace esockets::server
