#include "broker/backlog.h"

#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/topic_form.h"

namespace esockets::broker {
namespace {

base::RefPtr<WaitingMessage> Waiting(std::string_view text) {
  static const tests::TopicForm form;
  base::CountedBlock* block =
      base::CountedBlock::Allocate(static_cast<uint32_t>(text.size()), nullptr);
  text.copy(block->own_data(), text.size());
  block->set_time(base::TimePoint(std::chrono::seconds(text.size())));
  return base::MakeRefCounted<WaitingMessage>(
      base::BlockSpan{base::BlockRef::Adopt(block), 0, static_cast<uint32_t>(text.size())}, form);
}

std::vector<std::string> TakeAll(Backlog* backlog) {
  std::vector<std::string> texts;
  for (; !backlog->empty(); backlog->PopFront()) {
    const BacklogEntry& entry = *backlog->front();
    if (entry.gap) texts.push_back("-" + std::to_string(entry.gap->messages));
    texts.emplace_back(entry.message->frame().view());
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
  backlog_.Append(&a_, Waiting("1"));
  backlog_.Append(&b_, Waiting("22"));
  backlog_.Append(&a_, Waiting("333"));
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
  backlog_.Append(&b_, Waiting("b"));
  backlog_.Append(&a_, Waiting("1"));
  backlog_.Append(&b_, Waiting("bb"));
  backlog_.Append(&a_, Waiting("22"));
  backlog_.Append(&a_, Waiting("333"));
  backlog_.Drop(a_.backlog->oldest, GapReason::kBacklogFull);
  backlog_.Drop(a_.backlog->oldest, GapReason::kBrokerMemory);
  const Gap gap = *a_.backlog->oldest->gap;
  EXPECT_EQ(gap.messages, 2U);
  EXPECT_EQ(gap.bytes, 3U);
  EXPECT_EQ(gap.from, base::TimePoint(std::chrono::seconds(1)));
  EXPECT_EQ(gap.to, base::TimePoint(std::chrono::seconds(2)));
  EXPECT_EQ(gap.reason, GapReason::kBrokerMemory);
  EXPECT_TRUE(b_.backlog->gap.empty());
  EXPECT_EQ(TakeAll(&backlog_), (Texts{"b", "bb", "-2", "333"}));
}

TEST_F(BacklogTest, AHoleIsWhereTheMessageStood) {
  for (const char* text : {"1", "2", "3", "4", "5"}) backlog_.Append(&a_, Waiting(text));
  BacklogEntry* second = a_.backlog->oldest->next_of_subscription;
  BacklogEntry* third = second->next_of_subscription;
  backlog_.Drop(third, GapReason::kExpired);
  backlog_.Drop(second, GapReason::kExpired);
  backlog_.Drop(a_.backlog->newest, GapReason::kExpired);
  EXPECT_EQ(a_.backlog->gap.messages, 1U) << "behind the newest";
  EXPECT_EQ(backlog_.untold(), &a_);
  EXPECT_EQ(a_.backlog->messages, 2U);
  EXPECT_EQ(TakeAll(&backlog_), (Texts{"1", "-2", "4"}));
}

TEST_F(BacklogTest, WhatFoundNoPlaceIsMissingInFrontOfWhatComesNext) {
  backlog_.Append(&a_, Waiting("1"));
  backlog_.Refuse(&a_, *Waiting("22"), GapReason::kBacklogFull);
  backlog_.Refuse(&a_, *Waiting("22"), GapReason::kBacklogFull);
  backlog_.Refuse(&b_, *Waiting("b"), GapReason::kBacklogFull);
  EXPECT_NE(backlog_.untold(), nullptr);
  backlog_.Append(&a_, Waiting("3"));
  EXPECT_EQ(backlog_.untold(), &b_) << "what a has lost stands in front of its newest now";
  EXPECT_EQ(backlog_.TakeGap(&b_).messages, 1U);
  EXPECT_EQ(backlog_.untold(), nullptr);
  EXPECT_EQ(TakeAll(&backlog_), (Texts{"1", "-2", "3"}));
}

TEST_F(BacklogTest, AHoleGrowsWithTheMessageBehindIt) {
  backlog_.Refuse(&a_, *Waiting("1"), GapReason::kBacklogFull);
  backlog_.Append(&a_, Waiting("2"));
  backlog_.Append(&a_, Waiting("3"));
  backlog_.Drop(a_.backlog->oldest, GapReason::kExpired);
  EXPECT_EQ(TakeAll(&backlog_), (Texts{"-2", "3"}));
}

TEST_F(BacklogTest, ANewerMessageTakesThePlaceOfAnOlder) {
  a_.overflow = Overflow::kConflate;
  for (const char* text : {"a=1", "b=1", "a=2"}) backlog_.Append(&a_, Waiting(text));
  BacklogEntry* found = a_.backlog->latest->Find(Waiting("b=1~100")->label());
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(a_.backlog->latest->Find(Waiting("b=2")->label()), nullptr) << "another key";
  EXPECT_EQ(a_.backlog->latest->Find(Waiting("b")->label()), nullptr) << "no key";
  backlog_.Replace(found, Waiting("b=1~100"));
  EXPECT_EQ(a_.backlog->latest->Find(Waiting("b=1")->label()), found);
  EXPECT_EQ(a_.backlog->messages, 3U);
  EXPECT_EQ(a_.backlog->bytes, 13U);
  EXPECT_EQ(pool_.bytes(), 13U);
  EXPECT_EQ(a_.backlog->gap.conflated, 1U);
  EXPECT_EQ(TakeAll(&backlog_), (Texts{"a=1", "b=1~100", "a=2"}));
  EXPECT_EQ(a_.backlog->latest->Find(Waiting("a=1")->label()), nullptr) << "it waits no more";
}

TEST_F(BacklogTest, ForgetsOneSubscriptionWithoutAGap) {
  backlog_.Append(&a_, Waiting("1"));
  backlog_.Append(&b_, Waiting("b"));
  backlog_.Append(&a_, Waiting("2"));
  backlog_.Forget(&a_);
  EXPECT_EQ(a_.backlog, nullptr);
  EXPECT_EQ(TakeAll(&backlog_), (Texts{"b"}));
  backlog_.Forget(&a_);  // a second time is no mistake
}

TEST_F(BacklogTest, ThePoolCountsAllBacklogs) {
  {
    Backlog other(&pool_);
    backlog_.Append(&a_, Waiting("1"));
    other.Append(&b_, Waiting("22"));
    EXPECT_EQ(pool_.messages(), 2U);
    EXPECT_EQ(pool_.bytes(), 3U);
  }
  EXPECT_EQ(pool_.messages(), 1U);
  EXPECT_EQ(pool_.bytes(), 1U);
}

}  // namespace
}  // namespace esockets::broker
