#include "broker/group.h"

#include <cstdint>
#include <string>
#include <vector>

#include "base/ref_counted.h"
#include "broker/broker_totals.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "proto/message_frame.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/published.h"
#include "tests/support/sim_executor.h"

namespace esockets::broker {
namespace {

class GroupTest : public testing::Test, private GroupOutlet {
 protected:
  GroupTest() {
    tests::PretendOnLoop();
    executor_.BeginTurn();
  }
  void Take(const tests::Published& published,
            const base::RefPtr<DeliveryReceipt>& receipt = nullptr) {
    group_.Take(published.messages(), receipt);
  }
  // Payloads of what it was given since the last call.
  static std::vector<std::string> Given(GroupMember* member) {
    std::vector<std::string> payloads;
    for (const GroupItem& item : member->TakeItems()) payloads.push_back(Parse(item).payload());
    return payloads;
  }
  static Message Parse(const GroupItem& item) {
    Message message;
    EXPECT_TRUE(message.ParseFromString(std::string(proto::FieldsOfFrame(item.frame.view()))));
    EXPECT_EQ(item.frame.topic(), message.topic());
    return message;
  }
  void OnGiven(const GroupMemberKey& member) override { outlet_calls_.push_back(member); }

  std::vector<GroupMemberKey> outlet_calls_;
  tests::SimExecutor executor_;
  BrokerTotals totals_;
  BacklogPool pool_{&totals_};
  Metrics metrics_;
  Limits limits_;
  GroupContext context_{&executor_, &metrics_, &pool_, &limits_, {}, this};
  Group group_{"workers", {}, &context_};
};

using Payloads = std::vector<std::string>;

TEST_F(GroupTest, ADeliveryIsWhatWasPublishedWithTheNameOfTheGroup) {
  GroupMember* const member = group_.Join({.loop = 0, .ticket = 1});
  Take({"a/b", "x", "key", 500});
  const std::vector<GroupItem> items = member->TakeItems();
  ASSERT_EQ(items.size(), 1U);
  const Message message = Parse(items[0]);
  EXPECT_EQ(message.topic(), "a/b");
  EXPECT_EQ(message.payload(), "x");
  EXPECT_EQ(message.key(), "key");
  EXPECT_EQ(message.ttl_ms(), 500U);
  EXPECT_EQ(message.group(), "workers");
  EXPECT_FALSE(message.time_us() != 0);
}

TEST_F(GroupTest, IsStampedOnce) {
  context_.stamps = {.time = true, .publisher = true};
  GroupMember* const member = group_.Join({.loop = 0, .ticket = 1});
  const tests::Published published("a", "x", 7);
  Take(published);
  Messages stamped = published.messages();
  stamped.stamped = true;  // a stream has done it
  group_.Take(stamped, nullptr);
  const std::vector<GroupItem> items = member->TakeItems();
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(Parse(items[0]).publisher(), 7U);
  EXPECT_GT(Parse(items[0]).time_us(), 0U);
  EXPECT_EQ(Parse(items[1]).publisher(), 0U);
}

TEST_F(GroupTest, CallsItsOutletOnceForAllThatAMemberIsGiven) {
  GroupMember* const member = group_.Join({.loop = 3, .ticket = 1});
  Take({"a", "1"});
  Take({"a", "2"});
  ASSERT_EQ(outlet_calls_.size(), 1U);
  EXPECT_EQ(outlet_calls_[0], member->key);
  EXPECT_EQ(Given(member), (Payloads{"1", "2"}));
}

TEST_F(GroupTest, TheReceiptHearsWhatBecameOfTheMessage) {
  GroupMember* const ann = group_.Join({.loop = 0, .ticket = 1});
  const auto written = base::MakeRefCounted<DeliveryReceipt>(1);
  Take({"a", "1"}, written);
  EXPECT_EQ(written->delivery().queued, 1U);
  group_.OnSent(ann, 1);
  EXPECT_EQ(written->delivery().written, 1U);
  const auto gone = base::MakeRefCounted<DeliveryReceipt>(1);
  Take({"a", "2"}, gone);
  group_.Leave(ann, 1);
  EXPECT_EQ(gone->delivery().gone, 1U);
  EXPECT_TRUE(group_.empty());
}

TEST_F(GroupTest, AMessageThatComesBackIsGivenToAnother) {
  GroupMember* const ann = group_.Join({.loop = 0, .ticket = 1});
  GroupMember* const bob = group_.Join({.loop = 0, .ticket = 2});
  for (const char* payload : {"1", "2", "3", "4"}) Take({"a", payload});
  EXPECT_EQ(Given(ann), (Payloads{"1", "3"}));
  EXPECT_EQ(Given(bob), (Payloads{"2", "4"}));
  group_.OnBehind(ann, 1);
  EXPECT_EQ(Given(bob), Payloads{"3"});
  EXPECT_EQ(ann->round, 1U);
  group_.OnReady(ann);
  Take({"a", "5"});
  Take({"a", "6"});
  EXPECT_EQ(Given(ann).size(), 1U);
}

TEST_F(GroupTest, SaysWhyOptionsAreNotItsOwn) {
  EXPECT_FALSE(group_.WhyNot({}).has_value());
  EXPECT_FALSE(group_.WhyNot({.strategy = Strategy::kRoundRobin}).has_value());
  EXPECT_EQ(group_.WhyNot({.strategy = Strategy::kHash}), "strategy: it has round_robin");
  EXPECT_EQ(group_.WhyNot({.overflow = Overflow::kDropNewest}), "overflow: it has DROP_OLDEST");
}

}  // namespace
}  // namespace esockets::broker
