#include "broker/overflow_rules.h"

#include <chrono>
#include <string>
#include <string_view>

#include "broker/backlog.h"
#include "broker/broker_totals.h"
#include "gtest/gtest.h"
#include "tests/support/topic_form.h"

namespace esockets::broker {
namespace {

using std::chrono::milliseconds;
using What = OverflowStep::What;

// Messages of five bytes that wait since 0 ms: of `a_` topics x1 and x2, between them one of `b_`.
class OverflowRulesTest : public testing::Test {
 protected:
  OverflowRulesTest() {
    a_.max = b_.max = {.messages = 3, .bytes = 100};
    limits_.backlog_bytes_max = limits_.backlogs_bytes_max = 10'000;
  }
  void Begin(Overflow overflow) {
    a_.overflow = overflow;
    Wait(&a_, "x1=kk");
    Wait(&b_, "y1=kk");
    Wait(&a_, "x2=kk");
  }
  void Wait(Subscription* subscription, std::string_view text) {
    base::CountedBlock* block =
        base::CountedBlock::Allocate(static_cast<uint32_t>(text.size()), nullptr);
    text.copy(block->own_data(), text.size());
    block->set_time(base::TimePoint());
    const base::BlockSpan frame{base::BlockRef::Adopt(block), 0,
                                static_cast<uint32_t>(text.size())};
    backlog_.Append(subscription, base::MakeRefCounted<WaitingMessage>(frame, form_));
  }
  Room RoomOfA() {
    return {.oldest = a_.backlog ? a_.backlog->oldest : nullptr,
            .front = backlog_.front(),
            .messages = a_.backlog ? a_.backlog->messages : 0,
            .bytes = a_.backlog ? a_.backlog->bytes : 0,
            .client_memory_bytes = backlog_.memory_bytes(),
            .broker_memory_bytes = pool_.broker_memory_bytes()};
  }
  OverflowRules RulesAt(int ms) const { return {&limits_, base::TimePoint(milliseconds(ms))}; }
  OverflowStep Next(uint64_t frame_bytes = 5, int ms = 0) {
    return RulesAt(ms).Next(RoomOfA(), MessageSize::OfFrame(frame_bytes), a_);
  }
  Fate FateOf(std::string_view text, uint64_t frame_bytes = 5, int ms = 0) {
    return RulesAt(ms).FateOf(form_.LabelOf(text), MessageSize::OfFrame(frame_bytes), RoomOfA(),
                              a_);
  }
  // Room for so many entries of five bytes.
  static uint64_t MemoryOf(uint64_t entries) {
    return entries * (MessageSize::OfFrame(5).memory_bytes + kBacklogEntryMemoryBytes);
  }

  tests::TopicForm form_;
  Limits limits_;
  BrokerTotals totals_;
  BacklogPool pool_{&totals_};
  Subscription a_;
  Subscription b_;
  Backlog backlog_{&pool_};
};

TEST_F(OverflowRulesTest, WhereThereIsRoomAMessageWaits) {
  EXPECT_EQ(Next().what, What::kAppend);
  Begin(Overflow::kDropOldest);
  EXPECT_EQ(Next().what, What::kAppend);
  EXPECT_EQ(FateOf("x9").what, Fate::What::kWaits);
}

TEST_F(OverflowRulesTest, EachContractWhenItsOwnBacklogIsFull) {
  const struct {
    Overflow overflow;
    What what;
    Fate::What fate;
    bool receives;
  } cases[] = {
      {Overflow::kConflate, What::kDrop, Fate::What::kDropsOldest, true},
      {Overflow::kDropOldest, What::kDrop, Fate::What::kDropsOldest, true},
      {Overflow::kDropNewest, What::kRefuse, Fate::What::kRefused, false},
      {Overflow::kDisconnect, What::kEnd, Fate::What::kDisconnects, false},
  };
  a_.max.messages = 2;
  for (const auto& c : cases) {
    Begin(c.overflow);
    const OverflowStep step = Next();
    EXPECT_EQ(step.what, c.what) << OverflowText(c.overflow);
    EXPECT_EQ(step.shortage, Shortage::kOfSubscription);
    EXPECT_EQ(step.reason, GapReason::kBacklogFull);
    EXPECT_EQ(step.victim, c.what == What::kDrop ? a_.backlog->oldest : nullptr);
    const Fate fate = FateOf("x9");
    EXPECT_EQ(fate.what, c.fate) << OverflowText(c.overflow);
    EXPECT_EQ(fate.receives(), c.receives);
    EXPECT_EQ(fate.dropped_messages, c.what == What::kDrop ? 1U : 0U);
    backlog_.Forget(&a_), backlog_.Forget(&b_);
  }
}

TEST_F(OverflowRulesTest, WhatIsSharedIsFreedByTheOldestOfTheClient) {
  Begin(Overflow::kDropNewest);
  limits_.backlog_bytes_max = MemoryOf(3);
  OverflowStep step = Next();
  EXPECT_EQ(step.what, What::kRefuse) << "the oldest is its own, and does not give way";
  EXPECT_EQ(step.shortage, Shortage::kOfClient);
  backlog_.PopFront();  // now it is the other subscription's
  limits_.backlog_bytes_max = MemoryOf(2);
  step = Next();
  EXPECT_EQ(step.what, What::kDrop);
  EXPECT_EQ(step.victim, b_.backlog->oldest);
  EXPECT_EQ(FateOf("x9").what, Fate::What::kDropsOldest);
  limits_.backlog_bytes_max = 10'000;
  limits_.backlogs_bytes_max = MemoryOf(2);
  EXPECT_EQ(Next().reason, GapReason::kBrokerMemory);
  EXPECT_EQ(Next().shortage, Shortage::kOfBroker);
}

TEST_F(OverflowRulesTest, AMessageThatNeverFitsTakesAllWithIt) {
  Begin(Overflow::kDropOldest);
  const Fate fate = FateOf("x9", 101);
  EXPECT_EQ(fate.what, Fate::What::kRefused);
  EXPECT_EQ(fate.dropped_messages, 2U);
  EXPECT_EQ(fate.shortage, Shortage::kOfSubscription);
  EXPECT_EQ(fate.room.messages, 2U) << "as it is now";
}

TEST_F(OverflowRulesTest, ConflateReplacesTheOneOfTopicAndKey) {
  Begin(Overflow::kConflate);
  EXPECT_EQ(FateOf("x1=kk").what, Fate::What::kReplaces);
  EXPECT_EQ(FateOf("x1=zz").what, Fate::What::kWaits);
  a_.max.bytes = 12;
  EXPECT_TRUE(RulesAt(0).TakesPlace(RoomOfA(), *a_.backlog->oldest, MessageSize::OfFrame(7), a_));
  EXPECT_FALSE(RulesAt(0).TakesPlace(RoomOfA(), *a_.backlog->oldest, MessageSize::OfFrame(8), a_));
  EXPECT_EQ(FateOf("x1=kk", 7).dropped_messages, 0U);
  const Fate larger = FateOf("x1=kk", 8);
  EXPECT_EQ(larger.what, Fate::What::kDropsOldest) << "x1 goes for it, and then x2";
  EXPECT_EQ(larger.dropped_messages, 1U);
  a_.overflow = Overflow::kDropNewest;
  EXPECT_EQ(OverflowRules::OlderOf(form_.LabelOf("x1=kk"), a_), nullptr);
}

TEST_F(OverflowRulesTest, WhatIsPastItsTimeGivesWayToEverything) {
  a_.overflow = Overflow::kDropNewest;
  a_.max.messages = 2;
  Wait(&a_, "x1~10");
  Wait(&a_, "x2");
  EXPECT_EQ(Next(5, 9).what, What::kRefuse);
  const OverflowStep step = Next(5, 10);
  EXPECT_EQ(step.what, What::kDrop);
  EXPECT_EQ(step.reason, GapReason::kExpired);
  EXPECT_EQ(step.shortage, Shortage::kNone);
  const Fate fate = FateOf("x9", 5, 10);
  EXPECT_EQ(fate.what, Fate::What::kWaits);
  EXPECT_EQ(fate.worthless_messages, 1U);
}

TEST_F(OverflowRulesTest, AgeIsALimitAsWell) {
  a_.max.age_ms = 100;
  Begin(Overflow::kDropOldest);
  EXPECT_EQ(Next(5, 100).what, What::kAppend);
  EXPECT_EQ(Next(5, 101).reason, GapReason::kTooOld);
  EXPECT_EQ(FateOf("x9", 5, 101).worthless_messages, 2U);
  a_.overflow = Overflow::kDropNewest;
  EXPECT_EQ(FateOf("x9", 5, 101).what, Fate::What::kRefused);
  a_.overflow = Overflow::kDisconnect;
  EXPECT_EQ(FateOf("x9", 5, 101).what, Fate::What::kDisconnects);
  EXPECT_EQ(FateOf("x9", 5, 101).shortage, Shortage::kOfAge);
}

}  // namespace
}  // namespace esockets::broker
