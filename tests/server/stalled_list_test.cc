#include "server/stalled_list.h"

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/frame_arena.h"
#include "tests/support/allocations.h"
#include "tests/support/fake_socket_api.h"
#include "tests/support/pretend_on_loop.h"

namespace esockets::server {
namespace {

using base::TimePoint;

// A client whose socket has refused.
struct Stalled final : Flushable {
  bool FlushOnce() override { return false; }
  void CountWaiting(const CopyOutLook& look) override { queue.CountWaiting(look); }
  void CopyOutOld(const CopyOutLook& look) override {
    queue.CopyOutOld(look);
    ++looks;
  }
  SendQueue queue;
  int looks = 0;
};

TimePoint At(double seconds) {
  return TimePoint(std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000)));
}

class StalledListTest : public testing::Test {
 protected:
  Stalled& New() {
    Stalled& stalled = *clients.emplace_back(std::make_unique<Stalled>());
    list.Add(&stalled);
    return stalled;
  }
  void CopyOutWhereDue(TimePoint now, size_t arena_bytes) {
    tests::PretendOnLoop();
    list.CopyOutWhereDue(now, arena_bytes);
  }

  FrameArena arena;
  SendPool pool;
  StalledList list;
  std::vector<std::unique_ptr<Stalled>> clients;
};

TEST_F(StalledListTest, AddAndRemoveInAnyOrder) {
  Stalled a, b, c;
  list.Remove(&a);
  for (Stalled* each : {&a, &b, &c}) list.Add(each);
  list.Add(&b);
  EXPECT_EQ(list.size(), 3u);
  list.Remove(&a);
  list.Remove(&a);
  list.Remove(&c);
  EXPECT_EQ(list.size(), 1u);
  CopyOutWhereDue(At(100), 0);
  EXPECT_EQ(b.looks, 1);
  EXPECT_EQ(a.looks + c.looks, 0);
  list.Remove(&b);
  EXPECT_TRUE(list.empty());
}

TEST_F(StalledListTest, LooksNowAndThenOnly) {
  Stalled& a = New();
  for (int i = 0; i < 1000; ++i) CopyOutWhereDue(At(10 + i * 0.01), 0);
  EXPECT_GE(a.looks, 15);
  EXPECT_LE(a.looks, 25) << "twice in kChunkAgeMax";
}

TEST_F(StalledListTest, OnlyOldChunksAreLeft) {
  arena.BeginTurn(At(1));
  Stalled& a = New();
  a.queue.Append(arena.Write("100 bytes of a rare topic"), pool);
  arena.Write(std::string(kChunkBytes, 'h'));  // opens the next chunk
  CopyOutWhereDue(At(1.5), arena.bytes_in_use());
  EXPECT_EQ(arena.bytes_in_use(), 2 * kChunkBytes) << "young";
  CopyOutWhereDue(At(2.5), arena.bytes_in_use());
  EXPECT_EQ(arena.bytes_in_use(), kChunkBytes);
  EXPECT_EQ(a.queue.bytes(), 25u);
}

TEST_F(StalledListTest, OverTheLimitAgeDoesNotCount) {
  arena.BeginTurn(At(1));
  CopyOutWhereDue(At(1), 0);
  New().queue.Append(arena.Write("young"), pool);
  arena.Write(std::string(kChunkBytes, 'h'));
  CopyOutWhereDue(At(1), kArenaBytesMax + 1);
  EXPECT_EQ(arena.bytes_in_use(), kChunkBytes);
}

// Copying what a thousand share would cost a thousand times as much.
TEST_F(StalledListTest, WhatManyShareStaysShared) {
  arena.BeginTurn(At(1));
  const base::BlockSpan hot = arena.Write(std::string(40'000, 'h'));
  for (int i = 0; i < 1000; ++i) New().queue.Append(hot, pool);
  const int64_t before = tests::LiveBytes();
  CopyOutWhereDue(At(100), arena.bytes_in_use());
  EXPECT_EQ(tests::LiveBytes(), before);
  for (const auto& client : clients) client->queue.Clear(pool);
}

TEST_F(StalledListTest, TheRestOfALargeFrameDoesNotPinIt) {
  arena.BeginTurn(At(1));
  Stalled& a = New();
  a.queue.Append(arena.Write(std::string(1'000'000, 'x')), pool);
  tests::FakeSocketApi api(tests::FakeSocketApi::Mode::kCapture);
  api.set_send_script([](size_t) -> ssize_t { return 999'900; });
  int error = 0;
  a.queue.Flush(3, api, pool, &error);
  CopyOutWhereDue(At(100), arena.bytes_in_use());
  EXPECT_EQ(arena.bytes_in_use(), 0u);
  EXPECT_EQ(a.queue.bytes(), 100u);
}

// 5,000 clients that each hang on 100 bytes of a rare topic, between hot traffic: without copying
// out, each would pin a chunk of 64 KiB.
TEST_F(StalledListTest, FiveThousandThatHangOnARareTopic) {
  constexpr int kClients = 5000;
  constexpr size_t kRareBytes = 100;
  constexpr int64_t kConstantBytes = 4 << 20;
  for (int i = 0; i < kClients; ++i) New();
  const int64_t before = tests::LiveBytes();
  int64_t peak = 0;
  const std::string hot(1000, 'h');
  for (int i = 0; i < kClients; ++i) {
    const double now = 1 + i * 0.02;  // 50 clients a second
    arena.BeginTurn(At(now));
    for (int n = 0; n < 70; ++n) arena.Write(hot);  // taken by others at once
    const std::string rare(kRareBytes, static_cast<char>('a' + i % 26));
    clients[static_cast<size_t>(i)]->queue.Append(arena.Write(rare), pool);
    CopyOutWhereDue(At(now), arena.bytes_in_use());
    const auto queued = static_cast<int64_t>(kRareBytes) * (i + 1);
    // Up to a second and a half of chunks is not old yet: at most 75 of them.
    peak = std::max(peak, tests::LiveBytes() - before - 2 * queued);
    ASSERT_LT(tests::LiveBytes() - before, 2 * queued + kConstantBytes + 80 * int64_t{kChunkBytes});
  }
  const double later = 1 + kClients * 0.02 + 2;
  CopyOutWhereDue(At(later), arena.bytes_in_use());
  size_t queued = 0;
  for (const auto& client : clients) queued += client->queue.bytes();
  EXPECT_EQ(queued, kClients * kRareBytes);
  EXPECT_LE(arena.bytes_in_use(), 2 * size_t{kChunkBytes});
  // The free chunks that the arena keeps are the constant, with room.
  const int64_t held = tests::LiveBytes() - before;
  const auto free_bytes = static_cast<int64_t>(arena.free_chunks() * kChunkBytes);
  EXPECT_LE(held - free_bytes, 2 * static_cast<int64_t>(queued) + (256 << 10));
  RecordProperty("held_bytes", std::to_string(held));
  for (int i = 0; i < kClients; ++i) {
    tests::FakeSocketApi api(tests::FakeSocketApi::Mode::kCapture);
    int error = 0;
    clients[static_cast<size_t>(i)]->queue.Flush(3, api, pool, &error);
    ASSERT_EQ(api.sent(), std::string(kRareBytes, static_cast<char>('a' + i % 26)));
  }
}

// Whatever hangs where: in the end what is held is at most twice what is queued.
TEST_F(StalledListTest, RandomHangersHoldAtMostTwiceTheirBytes) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 300; ++i) New();
  const int64_t before = tests::LiveBytes();
  for (int turn = 0; turn < 400; ++turn) {
    arena.BeginTurn(At(1 + turn * 0.01));
    const base::BlockSpan span = arena.Write(std::string(1 + random() % 30'000, 'x'));
    for (uint64_t n = random() % 3 == 0 ? random() % 40 : random() % 2; n > 0; --n) {
      clients[random() % clients.size()]->queue.Append(span, pool);
    }
  }
  CopyOutWhereDue(At(100), arena.bytes_in_use());
  size_t queued = 0, spans = 0;
  for (const auto& client : clients) {
    queued += client->queue.bytes();
    spans += client->queue.spans();
  }
  const int64_t held =
      tests::LiveBytes() - before - static_cast<int64_t>(arena.free_chunks() * kChunkBytes);
  EXPECT_LE(held, 2 * static_cast<int64_t>(queued) + static_cast<int64_t>(spans) * 200 + (1 << 20));
  for (const auto& client : clients) client->queue.Clear(pool);
}

}  // namespace
}  // namespace esockets::server
