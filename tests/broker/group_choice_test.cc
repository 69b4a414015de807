#include "broker/group_choice.h"

#include <cstdint>
#include <map>
#include <memory>

#include "broker/broker_totals.h"
#include "gtest/gtest.h"
#include "tests/support/group_messages.h"

namespace esockets::broker {
namespace {

using tests::GroupMessageOf;

class GroupChoiceTest : public testing::Test {
 protected:
  GroupChoiceTest() {
    for (uint32_t loop = 0; loop < 4; ++loop) Add({.loop = loop % 2, .ticket = loop + 1});
  }
  void Add(const GroupMemberKey& key) {
    members_.push_back(std::make_unique<GroupMember>(key, &waiting_));
  }
  // Its place in the list; -1: nobody.
  int Choose(GroupChoice& choice, uint64_t key = 0) {
    const GroupMember* chosen = choice.Choose(members_, GroupMessageOf(1, key));
    for (size_t i = 0; i < members_.size(); ++i) {
      if (members_[i].get() == chosen) return static_cast<int>(i);
    }
    return -1;
  }
  void SetAllBehind() {
    for (auto& member : members_) member->behind = true;
  }

  BrokerTotals totals_;
  BacklogPool pool_{&totals_};
  GroupWaiting waiting_{&pool_};
  GroupMemberList members_;
};

TEST_F(GroupChoiceTest, OneAfterTheOtherButForThoseThatAreBehind) {
  GroupChoice choice(Strategy::kRoundRobin);
  for (const int expected : {0, 1, 2, 3, 0}) EXPECT_EQ(Choose(choice), expected);
  members_[2]->behind = true;
  for (const int expected : {1, 3, 0, 1}) EXPECT_EQ(Choose(choice), expected);
  SetAllBehind();
  EXPECT_EQ(Choose(choice), -1);
}

TEST_F(GroupChoiceTest, TheFirstThatIsNotBehind) {
  GroupChoice choice(Strategy::kFirst);
  EXPECT_EQ(Choose(choice), 0);
  EXPECT_EQ(Choose(choice), 0);
  members_[0]->behind = true;
  EXPECT_EQ(Choose(choice), 1);
  members_[0]->behind = false;
  while (members_[0]->HasRoom()) members_[0]->Give(GroupMessageOf(1));
  EXPECT_EQ(Choose(choice), -1) << "who is busy stays the first";
  SetAllBehind();
  EXPECT_EQ(Choose(choice), -1);
}

TEST_F(GroupChoiceTest, SpreadsTheKeysEvenlyAndMovesOnlyThoseOfWhoGoes) {
  GroupChoice choice(Strategy::kHash);
  constexpr uint64_t kKeys = 4000;
  std::map<uint64_t, int> before;
  std::map<int, int> counts;
  for (uint64_t key = 0; key < kKeys; ++key) {
    before[key] = Choose(choice, key);
    ++counts[before[key]];
  }
  for (int i = 0; i < 4; ++i) {
    EXPECT_GT(counts[i], 800) << i;
    EXPECT_LT(counts[i], 1200) << i;
  }
  members_[3]->behind = true;
  for (uint64_t key = 0; key < kKeys; ++key) {
    const int now = Choose(choice, key);
    EXPECT_NE(now, 3);
    if (before[key] != 3) {
      EXPECT_EQ(now, before[key]);
    }
  }
}

TEST_F(GroupChoiceTest, AKeyStaysWithWhoHasSomethingOfIt) {
  GroupChoice choice(Strategy::kHash);
  const int holder = Choose(choice, 7);
  GroupMember* const member = members_[static_cast<size_t>(holder)].get();
  choice.OnHeld(member, GroupMessageOf(1, 7));
  choice.OnHeld(member, GroupMessageOf(2, 7));
  member->behind = true;
  EXPECT_EQ(Choose(choice, 7), holder);
  choice.OnLetGo(GroupMessageOf(1, 7));
  EXPECT_EQ(Choose(choice, 7), holder);
  choice.OnLetGo(GroupMessageOf(2, 7));
  EXPECT_NE(Choose(choice, 7), holder);
}

}  // namespace
}  // namespace esockets::broker
