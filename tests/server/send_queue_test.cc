#include "server/send_queue.h"

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/counted_block.h"
#include "gtest/gtest.h"
#include "server/frame_arena.h"
#include "server/limits.h"
#include "tests/support/allocations.h"
#include "tests/support/fake_socket_api.h"

namespace esockets::server {
namespace {

using base::BlockSpan;
using tests::FakeSocketApi;

class SendQueueTest : public testing::Test {
 protected:
  // Frames "0", "11", "222" ... told apart by content and length, some in spans of their own.
  std::string Fill(int frames, size_t scale) {
    std::string all;
    for (int i = 0; i < frames; ++i) {
      const std::string frame((static_cast<size_t>(i) % 7 + 1) * scale, Letter(i));
      if (i % 3 == 0) arena.Write("between");  // the next one does not go on where the last ends
      queue.Append(arena.Write(frame), pool);
      all += frame;
    }
    return all;
  }
  static char Letter(int i) { return static_cast<char>('a' + i % 26); }

  FlushResult Flush() { return queue.Flush(3, api, pool, &error); }
  // As the loop does; a refused socket is writable again at once.
  void FlushAll() {
    for (int i = 0; i < 1'000'000 && !queue.empty(); ++i) Flush();
    EXPECT_TRUE(queue.empty());
  }

  FrameArena arena;
  SendPool pool;
  SendQueue queue;
  FakeSocketApi api{FakeSocketApi::Mode::kCapture};
  int error = 0;
};

TEST_F(SendQueueTest, EmptyMakesNoCall) {
  EXPECT_EQ(Flush(), FlushResult::kEmpty);
  queue.Append(BlockSpan(), pool);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.spans(), 0u);
  EXPECT_EQ(Flush(), FlushResult::kEmpty);
  EXPECT_EQ(api.sends(), 0u);
}

TEST_F(SendQueueTest, ARunIsOneSpanAndOneSend) {
  for (int i = 0; i < 500; ++i) queue.Append(arena.Write("hot topic"), pool);
  EXPECT_EQ(queue.spans(), 1u);
  EXPECT_EQ(queue.bytes(), 500 * 9u);
  EXPECT_EQ(Flush(), FlushResult::kEmpty);
  EXPECT_EQ(api.sends(), 1u);
  EXPECT_EQ(api.sent().size(), 4500u);
}

TEST_F(SendQueueTest, SmallSpansAreGatheredIntoOneSend) {
  const std::string all = Fill(40, 20);
  EXPECT_GT(queue.spans(), 10u);
  EXPECT_EQ(Flush(), FlushResult::kEmpty);
  EXPECT_EQ(api.sends(), 1u);
  EXPECT_EQ(api.vector_sends(), 0u);
  EXPECT_EQ(api.sent(), all);
}

TEST_F(SendQueueTest, LargeSpansGoAsAVector) {
  const std::string all = Fill(40, 2000);
  EXPECT_EQ(Flush(), FlushResult::kEmpty);
  EXPECT_EQ(api.vector_sends(), 1u);
  EXPECT_EQ(api.sent(), all);
}

TEST_F(SendQueueTest, MoreSpansThanOneSendTakes) {
  const std::string all = Fill(360, 2000);
  const size_t sends = (queue.spans() + 63) / 64;
  EXPECT_EQ(Flush(), FlushResult::kMore);
  FlushAll();
  EXPECT_GT(sends, 1u);
  EXPECT_EQ(api.vector_sends(), sends);
  EXPECT_TRUE(api.sent() == all);
}

TEST_F(SendQueueTest, SmallSpansAreGatheredUpTo64KiB) {
  const std::string all = Fill(500, 80);
  EXPECT_GT(queue.spans(), 150u);
  EXPECT_EQ(Flush(), FlushResult::kMore);
  EXPECT_LE(api.sent().size(), 64u << 10);
  EXPECT_GT(api.sent().size(), 63u << 10);
  FlushAll();
  EXPECT_EQ(api.sends(), 3u);
  EXPECT_EQ(api.vector_sends(), 0u);
  EXPECT_TRUE(api.sent() == all);
}

TEST_F(SendQueueTest, RefusedAndFailedAreTold) {
  Fill(5, 10);
  api.set_send_script([](size_t) -> ssize_t { return 0; });
  EXPECT_EQ(Flush(), FlushResult::kRefused);
  api.set_send_script([](size_t) -> ssize_t { return 7; });
  EXPECT_EQ(Flush(), FlushResult::kRefused) << "less than was offered";
  api.set_send_script([](size_t) -> ssize_t { return -EPIPE; });
  EXPECT_EQ(Flush(), FlushResult::kFailed);
  EXPECT_EQ(error, EPIPE);
}

TEST_F(SendQueueTest, TornAtEveryByteDeliversTheSameBytes) {
  for (const size_t scale : {3, 700}) {
    size_t size = 1;
    for (size_t first = 0; first < size; ++first) {
      FakeSocketApi torn(FakeSocketApi::Mode::kCapture);
      torn.set_send_script(tests::TornAt(first));
      const std::string all = Fill(9, scale);
      size = all.size();
      while (!queue.empty()) queue.Flush(3, torn, pool, &error);
      ASSERT_EQ(torn.sent(), all) << "torn at " << first;
    }
  }
}

TEST_F(SendQueueTest, RandomTearsDeliverTheSameBytes) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  api.set_send_script(tests::RandomSends(seed));
  std::string all;
  std::mt19937_64 random(seed);
  for (int round = 0; round < 300; ++round) {
    all += Fill(static_cast<int>(random() % 12), random() % 2 == 0 ? 10 : 1500);
    for (uint64_t n = random() % 4; n > 0; --n) Flush();
    if (round % 10 == 0) {
      const CopyOutLook look{static_cast<uint32_t>(round + 1), base::TimePoint::max()};
      queue.CountWaiting(look);
      queue.CopyOutOld(look);
    }
    ASSERT_TRUE(all.starts_with(api.sent()));
    ASSERT_EQ(api.sent().size() + queue.bytes(), all.size());
  }
  FlushAll();
  EXPECT_EQ(api.sent(), all);
}

TEST_F(SendQueueTest, OnlyWhatIsKeptForItAloneIsCopiedOut) {
  const auto bytes = std::make_shared<std::string>(1000, 'x');
  const std::vector<uint32_t> ends = {900, 1000};
  std::atomic<bool> kept_anyway = true;
  const base::BlockRef block = arena.Share({.bytes = *bytes, .begin = 0, .ends = ends},
                                           {.bytes = bytes, .kept_anyway = &kept_anyway});
  EXPECT_EQ(arena.bytes_in_use(), 0U);
  queue.Append({block, 900, 1000}, pool);
  const auto copy_out = [this](uint32_t number) {
    const CopyOutLook look{number, base::TimePoint::max()};
    queue.CountWaiting(look);
    queue.CopyOutOld(look);
  };
  copy_out(1);
  EXPECT_EQ(block->references(), 2U);
  kept_anyway = false;
  copy_out(2);
  EXPECT_EQ(block->references(), 1U);
  FlushAll();
  EXPECT_EQ(api.sent(), std::string(100, 'x'));
}

// What is on the wire must always be whole frames, wherever the tear was.
TEST_F(SendQueueTest, DropUnsentFramesKeepsTheFrameThatHasBegun) {
  const size_t kFrames = 6, kFrameBytes = 5, kAll = kFrames * kFrameBytes;
  for (const bool copied : {false, true}) {
    for (const bool gaps : {false, true}) {
      for (size_t sent = 0; sent <= kAll; ++sent) {
        FakeSocketApi torn(FakeSocketApi::Mode::kCapture);
        torn.set_send_script([sent](size_t) { return static_cast<ssize_t>(sent); });
        std::string all;
        for (size_t i = 0; i < kFrames; ++i) {
          const std::string frame(kFrameBytes, Letter(static_cast<int>(i)));
          if (gaps) arena.Write("gap");
          queue.Append(arena.Write(frame), pool);
          all += frame;
        }
        queue.Flush(3, torn, pool, &error);
        const CopyOutLook look{static_cast<uint32_t>(sent + 1), base::TimePoint::max()};
        if (copied) queue.CountWaiting(look), queue.CopyOutOld(look);
        queue.DropUnsentFrames(pool);
        queue.Append(arena.Write("END"), pool);
        torn.set_send_script(nullptr);
        while (!queue.empty()) queue.Flush(3, torn, pool, &error);
        const size_t whole = (sent + kFrameBytes - 1) / kFrameBytes * kFrameBytes;
        ASSERT_EQ(torn.sent(), all.substr(0, whole) + "END") << sent << copied << gaps;
      }
    }
  }
}

TEST_F(SendQueueTest, DropUnsentFramesTwiceInsideOneFrame) {
  queue.Append(arena.Write("0123456789"), pool);
  queue.Append(arena.Write("dropped"), pool);
  api.set_send_script([](size_t) -> ssize_t { return 3; });
  Flush();
  queue.DropUnsentFrames(pool);
  Flush();
  queue.Append(arena.Write("dropped, too"), pool);
  queue.DropUnsentFrames(pool);
  FlushAll();
  EXPECT_EQ(api.sent(), "0123456789");
  queue.DropUnsentFrames(pool);
  EXPECT_TRUE(queue.empty());
}

TEST_F(SendQueueTest, ClearLetsGoOfEverything) {
  Fill(50, 3000);
  EXPECT_GT(arena.bytes_in_use(), kChunkBytes);
  queue.Clear(pool);
  EXPECT_EQ(queue.bytes(), 0u);
  EXPECT_EQ(arena.bytes_in_use(), kChunkBytes) << "the open chunk";
}

TEST_F(SendQueueTest, OldestIsTheFirstUnsentByte) {
  const auto at = [](int s) { return base::TimePoint(std::chrono::seconds(s)); };
  arena.BeginTurn(at(1));
  queue.Append(arena.Write("one"), pool);
  arena.BeginTurn(at(2));
  queue.Append(arena.Write("two"), pool);
  EXPECT_EQ(queue.oldest(), at(1));
  api.set_send_script([](size_t) -> ssize_t { return 3; });
  Flush();
  EXPECT_EQ(queue.oldest(), at(2));
  queue.Clear(pool);
}

TEST_F(SendQueueTest, NoAllocationPerSpanInSteadyState) {
  struct Taker : SocketApi {
    ssize_t Send(int, const void*, size_t size) override { return static_cast<ssize_t>(size); }
    ssize_t SendVector(int, iovec* spans, size_t count) override {
      size_t size = 0;
      for (size_t i = 0; i < count; ++i) size += spans[i].iov_len;
      return static_cast<ssize_t>(size);
    }
  } taker;
  SendQueue queues[50];
  const auto turn = [&] {
    const uint64_t before = tests::AllocationsOfThisThread();
    for (int message = 0; message < 40; ++message) {
      const BlockSpan span = arena.Write("some message of a topic that some of them take");
      for (size_t i = 0; i < std::size(queues); ++i) {
        if ((i + static_cast<size_t>(message)) % 3 != 0) queues[i].Append(span, pool);
      }
    }
    for (SendQueue& each : queues) {
      while (!each.empty()) each.Flush(3, taker, pool, &error);
    }
    return tests::AllocationsOfThisThread() - before;
  };
  for (int i = 0; i < 1000; ++i) turn();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(turn(), 0u);
}

}  // namespace
}  // namespace esockets::server
