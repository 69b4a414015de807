#include "base/frame_sequence.h"

#include <vector>

#include "gtest/gtest.h"

namespace esockets::base {
namespace {

TEST(FrameSequence, IsTakenFromTheFront) {
  const std::vector<uint32_t> ends = {3, 6, 11};
  FrameSequence frames{.bytes = "onetwothree, and what follows", .begin = 0, .ends = ends};
  EXPECT_EQ(frames.view(), "onetwothree");
  EXPECT_EQ(frames.front(), "one");
  frames.RemoveFirst(0);
  EXPECT_EQ(frames.count(), 3U);
  frames.RemoveFirst(1);
  EXPECT_EQ(frames.front(), "two");
  EXPECT_EQ(frames.view(), "twothree");
  EXPECT_EQ(frames.First(1).view(), "two");
  frames.RemoveFirst(2);
  EXPECT_TRUE(frames.empty());
  EXPECT_EQ(frames.view(), "");
}

}  // namespace
}  // namespace esockets::base
