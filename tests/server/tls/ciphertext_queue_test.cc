#include "server/tls/ciphertext_queue.h"

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/allocations.h"
#include "tests/support/fake_socket_api.h"

namespace esockets::tls {
namespace {

using tests::FakeSocketApi;

constexpr int kNoFd = -1;

// Takes so much at a time, and keeps nothing.
struct Kernel final : server::SocketApi {
  ssize_t Send(int, const void* data, size_t size) override {
    last = static_cast<const char*>(data);
    return static_cast<ssize_t>(std::min(size, room));
  }
  size_t room = ~size_t{0} / 2;
  const char* last = nullptr;
};

class CiphertextQueueTest : public testing::Test {
 protected:
  // What the next sends take; behind them everything.
  void Script(std::vector<ssize_t> takes) {
    api.set_send_script([takes = std::move(takes), next = size_t{0}](size_t offered) mutable {
      return next < takes.size() ? takes[next++] : static_cast<ssize_t>(offered);
    });
  }
  int Send(std::string_view ciphertext) { return queue.Send(ciphertext, kNoFd, api, &taken); }

  FakeSocketApi api{FakeSocketApi::Mode::kCapture};
  CiphertextQueue queue;
  size_t taken = 0;
};

TEST_F(CiphertextQueueTest, NothingMakesNoCall) {
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(Send({}), 0);
  EXPECT_EQ(api.sends(), 0u);
  EXPECT_EQ(taken, 0u);
}

TEST_F(CiphertextQueueTest, WhatIsNewGoesOutFromWhereItLies) {
  const std::string ciphertext(100'000, 'x');
  Kernel kernel;
  const uint64_t before = tests::AllocationsOfThisThread();
  EXPECT_EQ(queue.Send(ciphertext, kNoFd, kernel, &taken), 0);
  EXPECT_EQ(tests::AllocationsOfThisThread(), before);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(taken, ciphertext.size());
  EXPECT_EQ(kernel.last, ciphertext.data());
}

TEST_F(CiphertextQueueTest, WhatTheKernelDoesNotTakeWaits) {
  struct Case {
    std::vector<ssize_t> takes;
    size_t sends;
  };
  const std::vector<Case> cases = {
      {{}, 1}, {{0}, 2}, {{1}, 2}, {{9}, 2}, {{3, 0, 2, 0, 0, 4}, 7}, {{-EWOULDBLOCK, 5}, 3},
  };
  for (const Case& each : cases) {
    FakeSocketApi fake(FakeSocketApi::Mode::kCapture);
    fake.set_send_script([&each, next = size_t{0}](size_t offered) mutable {
      return next < each.takes.size() ? each.takes[next++] : static_cast<ssize_t>(offered);
    });
    CiphertextQueue own;
    size_t sum = 0;
    ASSERT_EQ(own.Send("0123456789", kNoFd, fake, &sum), 0);
    while (!own.empty()) {
      EXPECT_EQ(sum, fake.sent().size());
      ASSERT_EQ(own.Send({}, kNoFd, fake, &sum), 0);
    }
    EXPECT_EQ(fake.sent(), "0123456789");
    EXPECT_EQ(sum, 10u);
    EXPECT_EQ(fake.sends(), each.sends);
  }
}

TEST_F(CiphertextQueueTest, WhatIsAppendedGoesBehindWhatWaits) {
  Script({4, 3, 0});
  ASSERT_EQ(Send("hello "), 0);  // "hell"
  queue.Append("world");
  EXPECT_FALSE(queue.empty());
  ASSERT_EQ(Send({}), 0);  // "o w"
  queue.Append("!");
  ASSERT_EQ(Send({}), 0);  // refused
  EXPECT_FALSE(queue.empty());
  ASSERT_EQ(Send({}), 0);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(api.sent(), "hello world!");
  EXPECT_EQ(taken, 12u);
  queue.Append("again");
  EXPECT_FALSE(queue.empty());
  ASSERT_EQ(Send({}), 0);
  EXPECT_EQ(api.sent(), "hello world!again");
}

TEST_F(CiphertextQueueTest, AnErrorIsTold) {
  for (const bool waits : {false, true}) {
    FakeSocketApi fake(FakeSocketApi::Mode::kCapture);
    fake.set_send_script([](size_t) { return -EPIPE; });
    CiphertextQueue own;
    if (waits) own.Append("hello");
    size_t sum = 7;
    EXPECT_EQ(own.Send(waits ? "" : "hello", kNoFd, fake, &sum), -EPIPE);
    EXPECT_EQ(sum, 7u);
  }
}

TEST_F(CiphertextQueueTest, AnEmptyOneHoldsNoMemory) {
  const std::string ciphertext(100'000, 'x');
  Kernel kernel;
  kernel.room = 10'000;
  const int64_t before = tests::LiveBytes();
  ASSERT_EQ(queue.Send(ciphertext, kNoFd, kernel, &taken), 0);
  EXPECT_GE(tests::LiveBytes() - before, 90'000);
  kernel.room = 50'000;
  ASSERT_EQ(queue.Send({}, kNoFd, kernel, &taken), 0);
  EXPECT_FALSE(queue.empty());
  ASSERT_EQ(queue.Send({}, kNoFd, kernel, &taken), 0);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(tests::LiveBytes(), before);
}

TEST_F(CiphertextQueueTest, WhatWasSentIsNotKept) {
  const std::string ciphertext(1000, 'x');
  Kernel kernel;
  kernel.room = ciphertext.size();
  queue.Append(ciphertext);
  queue.Append(ciphertext);
  const int64_t before = tests::LiveBytes();
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(queue.Send({}, kNoFd, kernel, &taken), 0);
    EXPECT_EQ(queue.bytes(), ciphertext.size());
    queue.Append(ciphertext);
    EXPECT_EQ(queue.bytes(), 2 * ciphertext.size());
  }
  EXPECT_LT(tests::LiveBytes() - before, 10'000);
  EXPECT_EQ(taken, 1000 * ciphertext.size());
}

using CiphertextQueueDeathTest = CiphertextQueueTest;

TEST_F(CiphertextQueueDeathTest, NothingNewBesideWhatWaits) {
  queue.Append("hello");
  EXPECT_DEATH(Send("more"), "ciphertext");
}

}  // namespace
}  // namespace esockets::tls
