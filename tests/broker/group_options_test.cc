#include "broker/group_options.h"

#include <string_view>

#include "gtest/gtest.h"
#include "proto/esockets.pb.h"

namespace esockets::broker {
namespace {

proto::SubscribeView InGroup() { return {.id = 1, .filter = "jobs/#", .group = "workers"}; }

TEST(GroupOptions, WhatIsNotSaidIsLeftToTheGroup) {
  GroupOptions options;
  EXPECT_FALSE(MakeGroupOptions(InGroup(), &options).has_value());
  EXPECT_FALSE(options.strategy.has_value());
  EXPECT_FALSE(options.overflow.has_value());
  EXPECT_EQ(options.max.messages, 0U);
}

TEST(GroupOptions, TakesWhatIsSaid) {
  proto::SubscribeView subscribe = InGroup();
  subscribe.group_strategy = GROUP_STRATEGY_FIRST;
  subscribe.overflow = OVERFLOW_DROP_NEWEST;
  subscribe.max_backlog_messages = 5;
  subscribe.max_backlog_bytes = 6;
  subscribe.max_backlog_age_ms = 7;
  GroupOptions options;
  EXPECT_FALSE(MakeGroupOptions(subscribe, &options).has_value());
  EXPECT_EQ(options.strategy, Strategy::kFirst);
  EXPECT_EQ(options.overflow, Overflow::kDropNewest);
  EXPECT_EQ(options.max.messages, 5U);
  EXPECT_EQ(options.max.bytes, 6U);
  EXPECT_EQ(options.max.age_ms, 7U);
}

TEST(GroupOptions, RefusesWhatAGroupCannotDo) {
  const auto code = [](const proto::SubscribeView& subscribe) {
    GroupOptions options;
    return MakeGroupOptions(subscribe, &options)->code;
  };
  proto::SubscribeView start = InGroup();
  start.start = START_LAST;
  EXPECT_EQ(code(start), ErrorCode::kGroupInvalid);
  proto::SubscribeView reserved = InGroup();
  reserved.filter = "$SYS/clients";
  EXPECT_EQ(code(reserved), ErrorCode::kGroupInvalid);
  for (const auto overflow : {OVERFLOW_CONFLATE, OVERFLOW_DISCONNECT, OVERFLOW_REPLAY}) {
    proto::SubscribeView other = InGroup();
    other.overflow = overflow;
    EXPECT_EQ(code(other), ErrorCode::kOverflowNotAllowed);
  }
}

TEST(GroupOptions, StrategiesHaveTheNumbersOfTheProtocol) {
  EXPECT_EQ(static_cast<int>(Strategy::kRoundRobin), GROUP_STRATEGY_ROUND_ROBIN);
  EXPECT_EQ(static_cast<int>(Strategy::kHash), GROUP_STRATEGY_HASH);
  EXPECT_EQ(static_cast<int>(Strategy::kFirst), GROUP_STRATEGY_FIRST);
  EXPECT_EQ(StrategyText(Strategy::kRoundRobin), "round_robin");
  EXPECT_EQ(StrategyText(Strategy::kHash), "hash");
  EXPECT_EQ(StrategyText(Strategy::kFirst), "first");
}

}  // namespace
}  // namespace esockets::broker
