#include "base/counted_block.h"

#include <cstring>
#include <string>

#include "gtest/gtest.h"

namespace esockets::base {
namespace {

struct Pool final : BlockPool {
  void Recycle(CountedBlock* block) override {
    ++recycled;
    CountedBlock::Free(block);
  }
  int recycled = 0;
};

TimePoint At(int seconds) { return TimePoint(std::chrono::seconds(seconds)); }

// "aaabbbbcc": frames of 3, 4 and 2 bytes, the last one written a turn later.
BlockRef ThreeFrames(BlockPool* pool) {
  CountedBlock* block = CountedBlock::Allocate(16, pool);
  std::memcpy(block->own_data(), "aaabbbbcc", 9);
  block->set_time(At(1));
  auto table = std::make_unique<FrameTable>();
  table->ends = {3, 7, 9};
  table->turns = {{0, At(1)}, {7, At(2)}};
  block->set_table(std::move(table));
  return BlockRef::Adopt(block);
}

TEST(CountedBlock, LastReferenceGivesItBack) {
  Pool pool;
  BlockRef first = BlockRef::Adopt(CountedBlock::Allocate(8, &pool));
  EXPECT_EQ(first->references(), 1u);
  {
    BlockRef second = first;
    BlockRef third = std::move(second);
    EXPECT_FALSE(second);  // NOLINT(bugprone-use-after-move): what it is then is promised
    EXPECT_EQ(first->references(), 2u);
    first = third;
    EXPECT_EQ(first->references(), 2u);
  }
  EXPECT_EQ(first->references(), 1u);
  EXPECT_EQ(pool.recycled, 0);
  first = BlockRef();
  EXPECT_EQ(pool.recycled, 1);
}

TEST(CountedBlock, KnowsItsFramesAndTimes) {
  const BlockRef block = ThreeFrames(nullptr);
  const struct {
    uint32_t offset, frame_end;
    int second;
  } kCases[] = {{0, 3, 1}, {2, 3, 1}, {3, 7, 1}, {6, 7, 1}, {7, 9, 2}, {8, 9, 2}};
  for (const auto& c : kCases) {
    EXPECT_EQ(block->FrameEnd(c.offset), c.frame_end) << c.offset;
    EXPECT_EQ(block->TimeOf(c.offset), At(c.second)) << c.offset;
  }
}

TEST(CountedBlockDeathTest, NoFrameBehindTheLast) {
  const BlockRef block = ThreeFrames(nullptr);
  EXPECT_DEATH(block->FrameEnd(9), "cannot happen");
}

TEST(CountedBlock, WithoutTableItIsOneFrame) {
  const BlockRef block = BlockRef::Adopt(CountedBlock::Allocate(100, nullptr));
  block->set_time(At(5));
  EXPECT_EQ(block->FrameEnd(0), 100u);
  EXPECT_EQ(block->FrameEnd(99), 100u);
  EXPECT_EQ(block->TimeOf(50), At(5));
}

TEST(CountedBlock, CountsWaitingBytesOfOneLook) {
  const BlockRef block = BlockRef::Adopt(CountedBlock::Allocate(1, nullptr));
  EXPECT_EQ(block->WaitingBytes(1), 0u);
  block->CountWaiting(1, 100);
  block->CountWaiting(1, 50);
  EXPECT_EQ(block->WaitingBytes(1), 150u);
  block->CountWaiting(2, 7);
  EXPECT_EQ(block->WaitingBytes(2), 7u);
  EXPECT_EQ(block->WaitingBytes(1), 0u);
  block->CountWaiting(2, UINT32_MAX);
  EXPECT_EQ(block->WaitingBytes(2), UINT32_MAX);
}

TEST(BlockSpan, VisitsFramesAndTheRestOfOne) {
  const BlockRef block = ThreeFrames(nullptr);
  const struct {
    uint32_t begin, end;
    std::vector<std::string> frames;
  } kCases[] = {{0, 9, {"aaa", "bbbb", "cc"}}, {3, 7, {"bbbb"}}, {5, 9, {"bb", "cc"}}, {0, 0, {}}};
  for (const auto& c : kCases) {
    std::vector<std::string> frames;
    ForEachFrame(BlockSpan{block, c.begin, c.end}, [&](uint32_t begin, uint32_t end) {
      frames.emplace_back(block->data() + begin, end - begin);
    });
    EXPECT_EQ(frames, c.frames);
  }
}

TEST(BlockSpan, FollowsOnlyInTheSameBytes) {
  const BlockRef block = ThreeFrames(nullptr);
  const BlockRef other = ThreeFrames(nullptr);
  const BlockSpan span{block, 0, 3};
  EXPECT_TRUE(span.IsFollowedBy({block, 3, 7}));
  EXPECT_FALSE(span.IsFollowedBy({block, 7, 9}));
  EXPECT_FALSE(span.IsFollowedBy({other, 3, 7}));
  EXPECT_EQ(BlockSpan{}.view(), "");
}

TEST(CopyOut, KeepsBytesFramesAndAge) {
  Pool pool;
  BlockSpan copy;
  {
    BlockSpan span{ThreeFrames(&pool), 5, 9};  // begins inside a frame
    copy = CopyOut(span);
  }
  EXPECT_EQ(pool.recycled, 1) << "the copy must not hold the block";
  EXPECT_EQ(copy.view(), "bbcc");
  EXPECT_EQ(copy.block->capacity_bytes(), 4u);
  EXPECT_EQ(copy.block->FrameEnd(0), 2u);
  EXPECT_EQ(copy.block->FrameEnd(2), 4u);
  EXPECT_EQ(copy.block->TimeOf(0), At(1));
  EXPECT_FALSE(copy.block->pooled());
}

TEST(CopyOut, OneFrameNeedsNoTable) {
  const BlockSpan copy = CopyOut(BlockSpan{ThreeFrames(nullptr), 7, 9});
  EXPECT_EQ(copy.view(), "cc");
  EXPECT_EQ(copy.block->table(), nullptr);
  EXPECT_EQ(copy.block->TimeOf(0), At(2));
}

}  // namespace
}  // namespace esockets::base
