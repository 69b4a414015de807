#include "broker/run.h"

#include <memory>
#include <string_view>

#include "gtest/gtest.h"
#include "tests/support/topic_form.h"

namespace esockets::broker {
namespace {

// A chunk of which frames are cut.
base::BlockRef Chunk(std::string_view text) {
  base::CountedBlock* block =
      base::CountedBlock::Allocate(static_cast<uint32_t>(text.size()), nullptr);
  text.copy(block->own_data(), text.size());
  block->set_table(std::make_unique<base::FrameTable>());
  return base::BlockRef::Adopt(block);
}

const tests::TopicForm kForm;

base::BlockSpan Frame(const base::BlockRef& chunk, uint32_t begin, uint32_t end) {
  chunk->table()->ends.push_back(end);
  return {chunk, begin, end};
}

TEST(Run, GrowsByFramesThatLieBehindEachOther) {
  const base::BlockRef chunk = Chunk("onetwothree");
  broker::Run run;
  EXPECT_TRUE(run.empty());
  EXPECT_TRUE(run.Append(Frame(chunk, 0, 3), 1));
  EXPECT_TRUE(run.Append(Frame(chunk, 3, 6), 1));
  EXPECT_EQ(run.messages(), 2U);
  EXPECT_EQ(run.span().view(), "onetwo");
  EXPECT_EQ(run.bytes(), 6U);
}

TEST(Run, RefusesWhatLiesElsewhere) {
  const base::BlockRef chunk = Chunk("onetwothree");
  const base::BlockRef other = Chunk("onetwothree");
  broker::Run run;
  EXPECT_TRUE(run.Append(Frame(chunk, 0, 3), 1));
  EXPECT_FALSE(run.Append(Frame(chunk, 6, 11), 1));
  EXPECT_FALSE(run.Append(Frame(other, 3, 6), 1));
  EXPECT_EQ(run.messages(), 1U);
}

TEST(Run, CopiesAMessageOnceForAllWhoAsk) {
  const base::BlockRef chunk = Chunk("onetwothree");
  broker::Run run;
  run.Append(Frame(chunk, 0, 3), 1);
  run.Append(Frame(chunk, 3, 6), 1);
  run.Append(Frame(chunk, 6, 11), 1);
  EXPECT_EQ(run.Waiting(kForm)[0]->frame().view(), "one");
  EXPECT_EQ(run.Waiting(kForm)[2]->frame().view(), "three");
  const base::RefPtr<WaitingMessage> second = run.Waiting(kForm)[1];
  EXPECT_EQ(second->frame().view(), "two");
  EXPECT_EQ(run.Waiting(kForm)[1], second);
  EXPECT_NE(second->frame().block.get(), chunk.get());
  run.Clear();
  EXPECT_EQ(second->frame().view(), "two");
}

TEST(Run, BeginsAnewWhenItIsCleared) {
  const base::BlockRef chunk = Chunk("onetwothree");
  broker::Run run;
  run.Append(Frame(chunk, 0, 3), 1);
  EXPECT_EQ(run.Waiting(kForm).size(), 1U);
  run.Clear();
  EXPECT_TRUE(run.empty());
  EXPECT_EQ(run.messages(), 0U);
  EXPECT_TRUE(run.Append(Frame(chunk, 6, 11), 1));
  EXPECT_EQ(run.Waiting(kForm)[0]->frame().view(), "three");
}

}  // namespace
}  // namespace esockets::broker
