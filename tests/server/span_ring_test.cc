#include "server/span_ring.h"

#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/frame_arena.h"

namespace esockets::server {
namespace {

TEST(SpanRing, GrowsAndKeepsOrder) {
  FrameArena arena;
  SpanRing ring;
  std::vector<std::string> expected;
  size_t next_out = 0;
  for (int i = 0; i < 500; ++i) {
    expected.push_back(std::to_string(i));
    ring.PushBack(arena.Write(expected.back()));
    if (i % 3 == 2) {
      EXPECT_EQ(ring.PopFront().view(), expected[next_out++]);
    }
  }
  EXPECT_EQ(ring.size(), expected.size() - next_out);
  EXPECT_EQ(ring.back().view(), "499");
  while (!ring.empty()) EXPECT_EQ(ring.PopFront().view(), expected[next_out++]);
  ring.PushBack(arena.Write("x"));
  ring.Clear();
  EXPECT_TRUE(ring.empty());
}

TEST(SpanRing, TheLastOneIsThereByItsPlaceToo) {
  FrameArena arena;
  SpanRing ring;
  for (const char* frame : {"one", "two", "three"}) ring.PushBack(arena.Write(frame));
  EXPECT_EQ(ring[0].view(), "one");
  EXPECT_EQ(ring[2].view(), "three");
  ring.back().end -= 2;
  EXPECT_EQ(ring[2].view(), "thr");
  ring.PopFront();
  EXPECT_EQ(ring[0].view(), "two");
  EXPECT_EQ(ring[1].view(), "thr");
  ring.PopFront();
  EXPECT_EQ(ring[0].view(), "thr");
  EXPECT_EQ(ring.back().view(), "thr");
}

TEST(SpanRing, LetsGoOfWhatWasTaken) {
  FrameArena arena;
  SpanRing ring;
  const base::BlockSpan span = arena.Write("frame");
  const uint32_t references = span.block->references();
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 20; ++i) ring.PushBack(span);
    EXPECT_EQ(span.block->references(), references + 20);
    for (int i = 0; i < 15; ++i) ring.PopFront();
    EXPECT_EQ(span.block->references(), references + 5);
    ring.Clear();
    EXPECT_EQ(span.block->references(), references);
  }
}

}  // namespace
}  // namespace esockets::server
