#include "broker/backlog.h"

#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

base::BlockSpan Frame(std::string_view text) {
  base::CountedBlock* block =
      base::CountedBlock::Allocate(static_cast<uint32_t>(text.size()), nullptr);
  text.copy(block->own_data(), text.size());
  block->set_time(base::TimePoint(std::chrono::seconds(text.size())));
  return {base::BlockRef::Adopt(block), 0, static_cast<uint32_t>(text.size())};
}

std::vector<std::string> TakeAll(Backlog* backlog) {
  std::vector<std::string> texts;
  for (; !backlog->empty(); backlog->PopFront()) {
    texts.emplace_back(backlog->front()->frame.view());
  }
  return texts;
}

using Texts = std::vector<std::string>;

class BacklogTest : public testing::Test {
 protected:
  BrokerTotals totals_;
  BacklogPool pool_{&totals_};
  Subscription a_;
  Subscription b_;
  Backlog backlog_{&pool_};
};

TEST_F(BacklogTest, KeepsTheOrderAcrossSubscriptions) {
  backlog_.Append(&a_, Frame("1"));
  backlog_.Append(&b_, Frame("22"));
  backlog_.Append(&a_, Frame("333"));
  EXPECT_EQ(backlog_.messages(), 3U);
  EXPECT_EQ(backlog_.bytes(), 6U);
  EXPECT_EQ(a_.backlog->messages, 2U);
  EXPECT_EQ(a_.backlog->bytes, 4U);
  EXPECT_EQ(b_.backlog->messages, 1U);
  EXPECT_EQ(TakeAll(&backlog_), (Texts{"1", "22", "333"}));
  EXPECT_EQ(backlog_.bytes(), 0U);
  EXPECT_EQ(a_.backlog->messages, 0U);
}

TEST_F(BacklogTest, ASubscriptionDropsItsOwnOldest) {
  backlog_.Append(&b_, Frame("b"));
  backlog_.Append(&a_, Frame("1"));
  backlog_.Append(&b_, Frame("bb"));
  backlog_.Append(&a_, Frame("22"));
  backlog_.Append(&a_, Frame("333"));
  backlog_.DropOldest(&a_, GapReason::kBacklogFull);
  backlog_.DropOldest(&a_, GapReason::kBrokerMemory);
  const Gap& gap = a_.backlog->gap;
  EXPECT_EQ(gap.messages, 2U);
  EXPECT_EQ(gap.bytes, 3U);
  EXPECT_EQ(gap.from, base::TimePoint(std::chrono::seconds(1)));
  EXPECT_EQ(gap.to, base::TimePoint(std::chrono::seconds(2)));
  EXPECT_EQ(gap.reason, GapReason::kBrokerMemory);
  EXPECT_TRUE(b_.backlog->gap.empty());
  EXPECT_EQ(TakeAll(&backlog_), (Texts{"b", "bb", "333"}));
}

TEST_F(BacklogTest, ForgetsOneSubscriptionWithoutAGap) {
  backlog_.Append(&a_, Frame("1"));
  backlog_.Append(&b_, Frame("b"));
  backlog_.Append(&a_, Frame("2"));
  backlog_.Forget(&a_);
  EXPECT_EQ(a_.backlog, nullptr);
  EXPECT_EQ(TakeAll(&backlog_), (Texts{"b"}));
  backlog_.Forget(&a_);  // a second time is no mistake
}

TEST_F(BacklogTest, AFrameIsSharedAndFreedWithItsLastEntry) {
  const base::BlockSpan frame = Frame("shared");
  Backlog other(&pool_);
  backlog_.Append(&a_, frame);
  other.Append(&b_, frame);
  EXPECT_EQ(frame.block->references(), 3U);
  backlog_.PopFront();
  other.PopFront();
  EXPECT_EQ(frame.block->references(), 1U);
}

TEST_F(BacklogTest, ThePoolCountsAllBacklogs) {
  {
    Backlog other(&pool_);
    backlog_.Append(&a_, Frame("1"));
    other.Append(&b_, Frame("22"));
    EXPECT_EQ(pool_.messages(), 2U);
    EXPECT_EQ(pool_.bytes(), 3U);
  }
  EXPECT_EQ(pool_.messages(), 1U);
  EXPECT_EQ(pool_.bytes(), 1U);
}

}  // namespace
}  // namespace esockets::broker
