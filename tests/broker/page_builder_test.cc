#include "broker/page_builder.h"

#include <memory>
#include <string>
#include <string_view>

#include "broker/stored_chunk.h"
#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

// Frames of 1,000 bytes: "000...", "111...", ...
std::unique_ptr<StoredChunk> ChunkOfTen() {
  auto chunk = std::make_unique<StoredChunk>(1, 10'000, StoredChunk::Opened{});
  for (int i = 0; i < 10; ++i) {
    std::string(1'000, static_cast<char>('0' + i)).copy(chunk->room(), 1'000);
    const auto position = 1 + static_cast<uint64_t>(i);
    chunk->Add({.position = position, .frame_bytes = 1'000, .topic = 0, .ordinal = 1},
               base::TimePoint());
  }
  return chunk;
}

std::string FirstBytes(const StoredPage& page) {
  std::string bytes;
  for (base::FrameSequence rest = page.frames(); !rest.empty(); rest.RemoveFirst(1)) {
    EXPECT_EQ(rest.front(), std::string(1'000, rest.front()[0]));
    bytes += rest.front()[0];
  }
  return bytes;
}

TEST(PageBuilder, WhatLiesBackToBackIsNotCopied) {
  const auto chunk = ChunkOfTen();
  PageBuilder builder(10'000);
  for (size_t i = 2; i < 5; ++i) EXPECT_TRUE(builder.Add(*chunk, i));
  StoredPage page;
  builder.Build(&page);
  EXPECT_EQ(FirstBytes(page), "234");
  EXPECT_EQ(page.frames().view().data(), chunk->bytes().data() + 2'000);
}

TEST(PageBuilder, WhatDoesNotIsCopied) {
  auto chunk = ChunkOfTen();
  const auto other = ChunkOfTen();
  PageBuilder builder(10'000);
  for (const size_t i : {1, 3, 4}) EXPECT_TRUE(builder.Add(*chunk, i));
  EXPECT_TRUE(builder.Add(*other, 0));
  StoredPage page;
  builder.Build(&page);
  chunk.reset();
  EXPECT_EQ(FirstBytes(page), "1340");
}

TEST(PageBuilder, MuchThatLiesBackToBackIsAPageOfItsOwn) {
  const auto chunk = ChunkOfTen();
  PageBuilder builder(10'000);
  for (size_t i = 0; i < 5; ++i) EXPECT_TRUE(builder.Add(*chunk, i));
  EXPECT_FALSE(builder.Add(*chunk, 7));
  EXPECT_TRUE(builder.Add(*chunk, 5));
}

TEST(PageBuilder, TheEndOfAChunkIsAPageOfItsOwnIfTheNextIsRead) {
  const auto chunk = ChunkOfTen(), next = ChunkOfTen();
  PageBuilder builder(20'000), sparse(20'000);
  EXPECT_TRUE(builder.Add(*chunk, 9));
  EXPECT_FALSE(builder.Add(*next, 0));
  EXPECT_TRUE(sparse.Add(*chunk, 9));
  EXPECT_TRUE(sparse.Add(*next, 1)) << "what lies apart is gathered";
  StoredChunk small(1, 1'000, StoredChunk::Opened{});
  small.Add({.position = 1, .frame_bytes = 1'000, .topic = 0, .ordinal = 1}, base::TimePoint());
  EXPECT_TRUE(PageBuilder(builder).Add(small, 0)) << "so is what is small";
}

TEST(PageBuilder, StopsWhenItIsFull) {
  const auto chunk = ChunkOfTen();
  PageBuilder builder(1'500);
  EXPECT_TRUE(builder.Add(*chunk, 0));
  EXPECT_FALSE(builder.Add(*chunk, 1));
  PageBuilder small(10);
  EXPECT_TRUE(small.Add(*chunk, 0)) << "one may be longer";
}

TEST(PageBuilder, NothingIsAnEmptyPage) {
  StoredPage page;
  PageBuilder(100).Build(&page);
  EXPECT_TRUE(page.frames().empty());
}

}  // namespace
}  // namespace esockets::broker
