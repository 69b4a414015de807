#include "broker/subscription.h"

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

TEST(Subscription, TheStricterContractIsTheLarger) {
  EXPECT_GT(Overflow::kDisconnect, Overflow::kDropOldest);
}

TEST(Subscription, ContractsHaveTheProtocolsNames) {
  EXPECT_EQ(OverflowText(Overflow::kDropOldest), "DROP_OLDEST");
  EXPECT_EQ(OverflowText(Overflow::kDisconnect), "DISCONNECT");
}

}  // namespace
}  // namespace esockets::broker
