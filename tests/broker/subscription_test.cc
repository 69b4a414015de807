#include "broker/subscription.h"

#include <memory>

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

TEST(Subscription, TheStricterContractIsTheLarger) {
  EXPECT_GT(Overflow::kDisconnect, Overflow::kDropNewest);
  EXPECT_GT(Overflow::kDropNewest, Overflow::kDropOldest);
  EXPECT_GT(Overflow::kDropOldest, Overflow::kConflate);
}

TEST(Subscription, ContractsHaveTheProtocolsNames) {
  EXPECT_EQ(OverflowText(Overflow::kConflate), "CONFLATE");
  EXPECT_EQ(OverflowText(Overflow::kDropOldest), "DROP_OLDEST");
  EXPECT_EQ(OverflowText(Overflow::kDropNewest), "DROP_NEWEST");
  EXPECT_EQ(OverflowText(Overflow::kDisconnect), "DISCONNECT");
  Overflow overflow = Overflow::kDropOldest;
  EXPECT_TRUE(ParseOverflow("CONFLATE", &overflow));
  EXPECT_EQ(overflow, Overflow::kConflate);
  EXPECT_FALSE(ParseOverflow("conflate", &overflow));
  EXPECT_FALSE(ParseOverflow("", &overflow));
  EXPECT_EQ(overflow, Overflow::kConflate);
}

TEST(Subscription, OnlyWhoKeepsTheNewestGivesWay) {
  Subscription subscription;
  const auto gives_way = [&](Overflow overflow) {
    subscription.SetContract(overflow, {});
    return subscription.gives_way();
  };
  EXPECT_TRUE(gives_way(Overflow::kConflate));
  EXPECT_TRUE(gives_way(Overflow::kDropOldest));
  EXPECT_FALSE(gives_way(Overflow::kDropNewest));
  EXPECT_FALSE(gives_way(Overflow::kDisconnect));
}

TEST(Subscription, AnotherContractForgetsWhatMayBeReplaced) {
  Subscription subscription;
  subscription.SetContract(Overflow::kConflate, {.messages = 1});
  subscription.backlog = std::make_unique<SubscriptionBacklog>();
  subscription.backlog->latest = std::make_unique<ConflationIndex>();
  subscription.SetContract(Overflow::kConflate, {.messages = 2});
  EXPECT_NE(subscription.backlog->latest, nullptr) << "only its limits changed";
  EXPECT_EQ(subscription.max.messages, 2U);
  subscription.SetContract(Overflow::kDropOldest, {});
  EXPECT_EQ(subscription.backlog->latest, nullptr);
}

TEST(Subscription, KeepsItsTotalsWhenItHasCaughtUp) {
  Subscription subscription;
  subscription.backlog = std::make_unique<SubscriptionBacklog>();
  subscription.backlog->dropped_messages[0] = 3;
  subscription.backlog->dropped_bytes_total = 30;
  subscription.ClearBacklog();
  EXPECT_EQ(subscription.dropped_messages_total(), 3U);
  EXPECT_EQ(subscription.dropped_bytes_total(), 30U);
  subscription.backlog = std::make_unique<SubscriptionBacklog>();
  subscription.ClearBacklog();
  EXPECT_EQ(subscription.backlog, nullptr) << "it lost nothing";
}

}  // namespace
}  // namespace esockets::broker
