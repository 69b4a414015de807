#include "broker/group_member.h"

#include <cstdint>
#include <vector>

#include "broker/broker_totals.h"
#include "broker/limits.h"
#include "gtest/gtest.h"
#include "tests/support/group_messages.h"

namespace esockets::broker {
namespace {

using tests::GroupMessageOf;
using tests::NumbersOf;
using Numbers = std::vector<uint64_t>;

class GroupMemberTest : public testing::Test {
 protected:
  void Give(uint64_t from, uint64_t to) {
    for (uint64_t number = from; number <= to; ++number) member_.Give(GroupMessageOf(number));
  }
  Numbers Sent(uint64_t up_to) {
    Numbers sent;
    member_.OnSent(up_to, [&](const GroupMessage& message) { sent.push_back(message.number); });
    return sent;
  }

  BrokerTotals totals_;
  BacklogPool pool_{&totals_};
  GroupWaiting waiting_{&pool_};
  GroupMember member_{{.loop = 1, .ticket = 2}, &waiting_};
};

TEST_F(GroupMemberTest, SaysOnceThatThereIsSomethingToSend) {
  EXPECT_TRUE(member_.Give(GroupMessageOf(1)));
  EXPECT_FALSE(member_.Give(GroupMessageOf(2)));
  EXPECT_EQ(member_.TakeItems().size(), 2U);
  EXPECT_TRUE(member_.Give(GroupMessageOf(3)));
}

// Its own numbers count what it was given, whatever numbers these have.
TEST_F(GroupMemberTest, IsToldEachMessageThatWasSentOnce) {
  Give(101, 104);
  EXPECT_EQ(Sent(2), (Numbers{101, 102}));
  EXPECT_EQ(Sent(2), Numbers{});
  EXPECT_EQ(Sent(4), (Numbers{103, 104}));
}

TEST_F(GroupMemberTest, RecallsWhatItDidNotTakeAndWhatWaitsForIt) {
  Give(101, 105);
  member_.waiting_here.Append(GroupMessageOf(106));
  Sent(1);
  EXPECT_EQ(NumbersOf(member_.Recall(3)), (Numbers{104, 105, 106}));
  EXPECT_TRUE(member_.TakeItems().empty());
  EXPECT_EQ(waiting_.messages, 0U);
  // It goes on counting where it took the last one.
  Give(107, 107);
  EXPECT_EQ(Sent(4), (Numbers{102, 103, 107}));
}

TEST_F(GroupMemberTest, TakesNoMoreThanItsWindow) {
  Give(1, kGroupWindowMessages - 1);
  EXPECT_TRUE(member_.HasRoom());
  Give(kGroupWindowMessages, kGroupWindowMessages);
  EXPECT_FALSE(member_.HasRoom());
  Sent(1);
  EXPECT_TRUE(member_.HasRoom());
  member_.behind = true;
  EXPECT_FALSE(member_.HasRoom());
}

TEST_F(GroupMemberTest, TheWindowIsOfMemoryToo) {
  GroupMessage large = GroupMessageOf(1);
  large.frame.size = kGroupWindowBytes;
  member_.Give(std::move(large));
  EXPECT_FALSE(member_.HasRoom());
  Sent(1);
  EXPECT_TRUE(member_.HasRoom());
}

}  // namespace
}  // namespace esockets::broker
