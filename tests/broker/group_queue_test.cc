#include "broker/group_queue.h"

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ref_counted.h"
#include "broker/broker_totals.h"
#include "gtest/gtest.h"
#include "tests/support/group_messages.h"

namespace esockets::broker {
namespace {

using tests::GroupMessageOf;
using tests::GroupMessagesOf;
using tests::kGroupFrameBytes;
using tests::NumbersOf;
using Numbers = std::vector<uint64_t>;

class GroupQueueTest : public testing::Test {
 protected:
  ~GroupQueueTest() override { EXPECT_EQ(pool_.messages(), waiting_.messages); }

  void Append(std::initializer_list<uint64_t> numbers) {
    for (const uint64_t number : numbers) queue_.Append(GroupMessageOf(number));
  }
  // Messages that are lost in front of it.
  uint64_t LostBefore(const GroupMessage& message) {
    return message.gap == nullptr ? 0 : message.gap->messages;
  }

  BrokerTotals totals_;
  BacklogPool pool_{&totals_};
  GroupWaiting waiting_{&pool_};
  GroupQueue queue_{&waiting_};
};

TEST_F(GroupQueueTest, CountsWhatWaitsInTheBroker) {
  Append({1, 2, 3});
  EXPECT_EQ(waiting_.messages, 3U);
  EXPECT_EQ(waiting_.frame_bytes, 3 * kGroupFrameBytes);
  EXPECT_EQ(pool_.messages(), 3U);
  EXPECT_EQ(pool_.bytes(), 3 * kGroupFrameBytes);
  EXPECT_GT(totals_.backlog_memory_bytes.load(), 3 * (kGroupFrameBytes + sizeof(GroupMessage)));
  EXPECT_EQ(queue_.Take().number, 1U);
  queue_.Drop(GapReason::kBacklogFull);
  EXPECT_EQ(pool_.messages(), 1U);
  EXPECT_EQ(NumbersOf(queue_.TakeAll()), Numbers{3});
  EXPECT_EQ(totals_.backlog_memory_bytes.load(), 0U);
}

TEST_F(GroupQueueTest, WhatIsPutBackStandsWhereItStood) {
  Append({10, 11});
  queue_.PutBack(GroupMessagesOf({4, 7}));
  queue_.PutBack(GroupMessagesOf({3, 5, 12}));
  queue_.PutBack({});
  EXPECT_EQ(waiting_.messages, 7U);
  EXPECT_EQ(NumbersOf(queue_.TakeAll()), (Numbers{3, 4, 5, 7, 10, 11, 12}));
}

TEST_F(GroupQueueTest, AHoleStandsInFrontOfWhatFollowed) {
  Append({1, 2, 3});
  queue_.Drop(GapReason::kExpired);
  queue_.Drop(GapReason::kBacklogFull);
  const GroupMessage third = queue_.Take();
  ASSERT_EQ(LostBefore(third), 2U);
  EXPECT_EQ(third.gap->bytes, 2 * kGroupFrameBytes);
  EXPECT_EQ(third.gap->expired, 1U);
  EXPECT_EQ(third.gap->reason, GapReason::kBacklogFull);
}

TEST_F(GroupQueueTest, AHoleBehindAllStandsInFrontOfTheNext) {
  Append({1});
  queue_.Drop(GapReason::kTooOld);
  EXPECT_TRUE(queue_.HasHoleAlone());
  Gap refused;
  refused.Add(5, {}, GapReason::kBacklogFull);
  queue_.AddHole(refused);
  Append({3});
  EXPECT_FALSE(queue_.HasHoleAlone());
  EXPECT_EQ(LostBefore(queue_.front()), 2U);
  // One that is lost itself takes its hole with it.
  queue_.Drop(GapReason::kBacklogFull);
  ASSERT_TRUE(queue_.HasHoleAlone());
  EXPECT_EQ(queue_.TakeHole()->messages, 3U);
  EXPECT_FALSE(queue_.HasHoleAlone());
}

TEST_F(GroupQueueTest, TheReceiptHearsOfTheLoss) {
  GroupMessage message = GroupMessageOf(1);
  const auto receipt = base::MakeRefCounted<DeliveryReceipt>(1);
  message.receipt = receipt;
  queue_.Append(std::move(message));
  queue_.Drop(GapReason::kBacklogFull);
  EXPECT_EQ(receipt->delivery().dropped, 1U);
}

}  // namespace
}  // namespace esockets::broker
