#include "server/frame_arena.h"

#include <cstring>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/allocations.h"

namespace esockets::server {
namespace {

using base::BlockSpan;
using base::TimePoint;

TEST(FrameArena, FramesOfATurnLieBackToBack) {
  FrameArena arena;
  const BlockSpan a = arena.Write("first");
  const BlockSpan b = arena.Write("second");
  EXPECT_EQ(a.view(), "first");
  EXPECT_EQ(b.view(), "second");
  EXPECT_TRUE(a.IsFollowedBy(b));
  EXPECT_EQ(a.block->FrameEnd(0), 5u);
  EXPECT_EQ(a.block->FrameEnd(5), 11u);
}

TEST(FrameArena, CommitsLessThanWasReserved) {
  FrameArena arena;
  for (const uint32_t reserved : {100u, kChunkBytes, kChunkBytes + 1, 1u << 20}) {
    std::memcpy(arena.Reserve(reserved), "frame", 5);
    const BlockSpan span = arena.Commit(5);
    EXPECT_EQ(span.view(), "frame") << reserved;
    EXPECT_EQ(span.block->FrameEnd(span.begin), span.end) << reserved;
  }
}

TEST(FrameArena, ReservedAndNotCommittedIsForgotten) {
  FrameArena arena;
  arena.Reserve(kChunkBytes * 2);
  EXPECT_EQ(arena.Write("x").view(), "x");
  EXPECT_EQ(arena.bytes_in_use(), kChunkBytes);
}

TEST(FrameArena, EachTurnHasItsTime) {
  FrameArena arena;
  const TimePoint first = TimePoint(std::chrono::seconds(1));
  const TimePoint second = TimePoint(std::chrono::seconds(2));
  arena.BeginTurn(first);
  const BlockSpan a = arena.Write("aa");
  const BlockSpan b = arena.Write("bb");
  arena.BeginTurn(second);
  const BlockSpan c = arena.Write("cc");
  const BlockSpan big = arena.Write(std::string(kChunkBytes + 1, 'x'));
  EXPECT_EQ(a.block->TimeOf(a.begin), first);
  EXPECT_EQ(b.block->TimeOf(b.end - 1), first);
  EXPECT_EQ(c.block->TimeOf(c.begin), second);
  EXPECT_EQ(c.block->time(), first) << "when the chunk was opened";
  EXPECT_EQ(big.block->TimeOf(0), second);
}

TEST(FrameArena, NewChunkWhenTheFrameDoesNotFit) {
  FrameArena arena;
  const std::string most(kChunkBytes - 10, 'a');
  const BlockSpan a = arena.Write(most);
  const BlockSpan b = arena.Write("0123456789");  // fits exactly
  const BlockSpan c = arena.Write("x");
  EXPECT_EQ(a.block.get(), b.block.get());
  EXPECT_NE(b.block.get(), c.block.get());
  EXPECT_EQ(arena.bytes_in_use(), 2 * kChunkBytes);
}

TEST(FrameArena, ALargeFrameHasABlockOfItsOwn) {
  FrameArena arena;
  const BlockSpan small = arena.Write("small");
  const std::string large(size_t{3} * kChunkBytes, 'L');
  {
    const BlockSpan span = arena.Write(large);
    EXPECT_EQ(span.view(), large);
    EXPECT_EQ(arena.bytes_in_use(), kChunkBytes + large.size());
  }
  EXPECT_EQ(arena.bytes_in_use(), kChunkBytes);
  EXPECT_TRUE(small.IsFollowedBy(arena.Write("next")));
}

TEST(FrameArena, TinyFramesDoNotGrowTheTableWithoutEnd) {
  FrameArena arena;
  base::CountedBlock* block = arena.Write("x").block.get();
  for (size_t i = 1; i < kChunkFramesMax; ++i) ASSERT_EQ(arena.Write("x").block.get(), block);
  const BlockSpan next = arena.Write("x");
  EXPECT_EQ(next.block->FrameEnd(next.begin), next.end);
  EXPECT_EQ(next.begin, 0u);
}

TEST(FrameArena, TheWarmChunkIsUsedAgain) {
  FrameArena arena;
  const std::string half(kChunkBytes / 2 + 1, 'h');
  BlockSpan first = arena.Write(half);
  base::CountedBlock* const chunk = first.block.get();
  const BlockSpan second = arena.Write(half);
  first = BlockSpan();
  EXPECT_EQ(arena.free_chunks(), 1u);
  const BlockSpan third = arena.Write(half);
  EXPECT_EQ(third.block.get(), chunk);
  EXPECT_EQ(third.begin, 0u);
  EXPECT_EQ(chunk->FrameEnd(0), half.size()) << "the old frames are forgotten";
}

TEST(FrameArena, KeepsABoundedNumberOfFreeChunks) {
  FrameArena arena;
  const std::string whole(kChunkBytes, 'w');
  std::vector<BlockSpan> spans;
  for (size_t i = 0; i < kFreeChunksMax + 20; ++i) spans.push_back(arena.Write(whole));
  spans.clear();
  EXPECT_EQ(arena.free_chunks(), kFreeChunksMax);
  EXPECT_EQ(arena.bytes_in_use(), kChunkBytes) << "the open one";
}

TEST(FrameArena, NoAllocationInSteadyState) {
  FrameArena arena;
  const auto turn = [&](int i) {
    arena.BeginTurn(TimePoint(std::chrono::seconds(i)));
    std::vector<BlockSpan> held;
    held.reserve(1000);
    const uint64_t before = tests::AllocationsOfThisThread();
    for (int frame = 0; frame < 1000; ++frame) held.push_back(arena.Write("0123456789012345678"));
    return tests::AllocationsOfThisThread() - before;
  };
  for (int i = 0; i < 100; ++i) turn(i);
  for (int i = 100; i < 200; ++i) EXPECT_EQ(turn(i), 0u) << "turn " << i;
}

}  // namespace
}  // namespace esockets::server
