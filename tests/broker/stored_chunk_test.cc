#include "broker/stored_chunk.h"

#include <chrono>
#include <memory>
#include <string_view>

#include "base/counted_block.h"
#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

using std::chrono::milliseconds;

constexpr base::TimePoint kOpened{milliseconds(1'000)};

class StoredChunkTest : public testing::Test {
 protected:
  void Add(std::string_view frame, uint64_t position, base::TimePoint now = kOpened,
           ClassNumber publisher_class = 0) {
    frame.copy(chunk_.room(), frame.size());
    chunk_.Add({.position = position,
                .frame_bytes = static_cast<uint32_t>(frame.size()),
                .topic = 7,
                .ordinal = 1,
                .publisher_class = publisher_class},
               now);
  }
  static std::string_view Frame(const StoredChunk& chunk, size_t index) {
    return chunk.bytes().substr(chunk.begin(index), chunk.frame_bytes(index));
  }

  StoredChunk chunk_{100, 20, {.time = kOpened, .wall_us = 5'000'000}};
};

TEST_F(StoredChunkTest, FindsItsFramesByPositionAndTime) {
  Add("one", 100);
  Add("three", 102, kOpened + milliseconds(30));
  EXPECT_TRUE(chunk_.Takes(12, kOpened));
  EXPECT_FALSE(chunk_.Takes(13, kOpened));
  EXPECT_FALSE(chunk_.Takes(1, kOpened + StoredChunk::kAgeMax)) << "its ages would not fit";
  EXPECT_EQ(Frame(chunk_, 0), "one");
  EXPECT_EQ(Frame(chunk_, 1), "three");
  EXPECT_EQ(chunk_.position(1), 102U);
  EXPECT_EQ(chunk_.time(1), kOpened + milliseconds(30));
  EXPECT_EQ(chunk_.wall_us(1), 5'030'000);
  EXPECT_EQ(chunk_.IndexOf(0), 0U);
  EXPECT_EQ(chunk_.IndexOf(101), 1U);
  EXPECT_EQ(chunk_.IndexOf(103), 2U);
  EXPECT_EQ(chunk_.IndexSince(5'000'001), 1U);
  EXPECT_EQ(chunk_.IndexSince(5'030'001), 2U);
}

TEST_F(StoredChunkTest, KnowsOfWhichClassesItMayHaveSome) {
  Add("0123456789", 100, kOpened, 7);
  Add("one", 101, kOpened, 255);
  EXPECT_TRUE(chunk_.MayHave(7));
  EXPECT_TRUE(chunk_.MayHave(255));
  EXPECT_FALSE(chunk_.MayHave(0));
  EXPECT_EQ(chunk_.entry(0).publisher_class, 7U);
  chunk_.LetGo(0);
  const std::unique_ptr<StoredChunk> compacted = chunk_.Compacted();
  ASSERT_NE(compacted, nullptr);
  EXPECT_FALSE(compacted->MayHave(7));
  EXPECT_TRUE(compacted->MayHave(255));
  EXPECT_EQ(compacted->entry(0).publisher_class, 255U);
  EXPECT_EQ(compacted->position(0), 101U);
}

TEST_F(StoredChunkTest, IsCompactedWhenHalfOfItsBytesAreGone) {
  Add("0123456789", 100);
  Add("one", 101);
  Add("two", 102);
  chunk_.LetGo(1);
  EXPECT_TRUE(chunk_.is_gone(1));
  EXPECT_EQ(chunk_.live(), 2U);
  EXPECT_EQ(chunk_.live_bytes(), 13U);
  EXPECT_EQ(chunk_.Compacted(), nullptr);
  chunk_.LetGo(0);
  const std::unique_ptr<StoredChunk> compacted = chunk_.Compacted();
  ASSERT_NE(compacted, nullptr);
  ASSERT_EQ(compacted->size(), 1U);
  EXPECT_EQ(Frame(*compacted, 0), "two");
  EXPECT_EQ(compacted->position(0), 102U);
  EXPECT_EQ(compacted->entry(0).topic, 7U);
  EXPECT_EQ(compacted->live(), 1U);
  EXPECT_EQ(compacted->live_bytes(), 3U);
  EXPECT_LT(compacted->memory_bytes(), chunk_.memory_bytes());
}

TEST_F(StoredChunkTest, TheBytesOutliveTheChunk) {
  auto chunk = std::make_unique<StoredChunk>(1, 4, StoredChunk::Opened{kOpened, 0});
  std::string_view("abcd").copy(chunk->room(), 4);
  chunk->Add({.position = 1, .frame_bytes = 4, .topic = 0, .ordinal = 1}, kOpened);
  const base::BytesKeeper keeper = chunk->keeper();
  const std::string_view bytes = chunk->bytes();
  EXPECT_TRUE(*keeper.kept_anyway);
  chunk.reset();
  EXPECT_FALSE(*keeper.kept_anyway) << "from here on for its readers alone";
  EXPECT_EQ(bytes, "abcd");
}

}  // namespace
}  // namespace esockets::broker
