#include "broker/delivery_rules.h"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "proto/esockets.pb.h"

namespace esockets::broker {
namespace {

OverflowSet Set(std::initializer_list<Overflow> overflows) {
  OverflowSet set;
  for (const Overflow overflow : overflows) set.Add(overflow);
  return set;
}

class DeliveryRulesTest : public testing::Test {
 protected:
  // Empty: it is allowed, and contract_ says what came of it.
  std::string Make(std::string_view filter, uint32_t overflow = OVERFLOW_DEFAULT) {
    subscribe_.filter = filter;
    subscribe_.overflow = overflow;
    const auto refusal = MakeContract(subscribe_, limits_, policy_, in_stream_, &contract_);
    if (!refusal) return "";
    EXPECT_EQ(refusal->code, ErrorCode::kOverflowNotAllowed);
    return refusal->detail;
  }

  bool in_stream_ = false;
  Limits limits_;
  DeliveryPolicy policy_;
  proto::SubscribeView subscribe_;
  Contract contract_{};
};

TEST_F(DeliveryRulesTest, WithoutRulesItIsWhatWasAskedForOrTheDefault) {
  policy_.otherwise = Overflow::kConflate;
  const struct {
    uint32_t asked;
    Overflow overflow;
  } kCases[] = {{OVERFLOW_DEFAULT, Overflow::kConflate},
                {OVERFLOW_DROP_OLDEST, Overflow::kDropOldest},
                {OVERFLOW_DROP_NEWEST, Overflow::kDropNewest},
                {OVERFLOW_CONFLATE, Overflow::kConflate},
                {OVERFLOW_DISCONNECT, Overflow::kDisconnect}};
  for (const auto& c : kCases) {
    EXPECT_EQ(Make("a", c.asked), "");
    EXPECT_EQ(contract_.overflow, c.overflow);
  }
}

TEST_F(DeliveryRulesTest, LimitsAreTheSmallestOfAll) {
  limits_.backlog_messages_max = 100;
  limits_.backlog_bytes_max = uint64_t{1} << 40;
  EXPECT_EQ(Make("a/b"), "");
  EXPECT_EQ(contract_.max.messages, 100U);
  EXPECT_EQ(contract_.max.bytes, UINT32_MAX);
  EXPECT_EQ(contract_.max.age_ms, 0U) << "none";
  subscribe_.max_backlog_messages = 101;
  subscribe_.max_backlog_bytes = 5'000;
  subscribe_.max_backlog_age_ms = 70'000;
  EXPECT_EQ(Make("a/b"), "");
  EXPECT_EQ(contract_.max.messages, 100U);
  EXPECT_EQ(contract_.max.bytes, 5'000U);
  EXPECT_EQ(contract_.max.age_ms, 70'000U);
  limits_.backlog_age_max_ms = 60'000;
  policy_.rules = {{.filter = "a/#", .otherwise = {}, .max = {.messages = 50, .age_ms = 90'000}},
                   {.filter = "+/b", .otherwise = {}, .max = {.bytes = 4'000}},
                   {.filter = "z", .otherwise = {}, .max = {.messages = 1}}};
  EXPECT_EQ(Make("a/b"), "");
  EXPECT_EQ(contract_.max.messages, 50U);
  EXPECT_EQ(contract_.max.bytes, 4'000U);
  EXPECT_EQ(contract_.max.age_ms, 60'000U);
}

TEST_F(DeliveryRulesTest, WhatARuleDoesNotAllowIsRefusedWithWhatItDoes) {
  policy_.rules = {{.filter = "chat/#",
                    .allow = Set({Overflow::kDropOldest, Overflow::kDisconnect}),
                    .otherwise = Overflow::kDisconnect,
                    .max = {}}};
  EXPECT_EQ(Make("chat/room", OVERFLOW_CONFLATE),
            "CONFLATE; allowed by the rules for chat/#: DROP_OLDEST, DISCONNECT");
  EXPECT_EQ(Make("chat/room", OVERFLOW_DROP_OLDEST), "");
  EXPECT_EQ(Make("chat/room"), "");
  EXPECT_EQ(contract_.overflow, Overflow::kDisconnect) << "the rule's default";
  EXPECT_EQ(Make("prices", OVERFLOW_CONFLATE), "") << "another topic";
}

// Or a filter that matches more would be the way around the rule.
TEST_F(DeliveryRulesTest, ARuleHoldsForEveryFilterThatCanMatchItsTopics) {
  policy_.rules = {
      {.filter = "chat/#", .allow = Set({Overflow::kDisconnect}), .otherwise = {}, .max = {}}};
  for (const std::string_view filter : {"#", "+/room", "chat/+", "chat", "chat/a/b/#"}) {
    EXPECT_NE(Make(filter, OVERFLOW_CONFLATE), "") << filter;
  }
}

TEST_F(DeliveryRulesTest, SeveralRulesAllowWhatAllOfThemAllow) {
  policy_.rules = {
      {.filter = "#",
       .allow = Set({Overflow::kDropOldest, Overflow::kConflate}),
       .otherwise = Overflow::kConflate,
       .max = {}},
      {.filter = "a",
       .allow = Set({Overflow::kDropOldest, Overflow::kDropNewest}),
       .otherwise = Overflow::kDropNewest,
       .max = {}},
      {.filter = "b", .allow = Set({Overflow::kDisconnect}), .otherwise = {}, .max = {}}};
  EXPECT_EQ(Make("a"), "");
  EXPECT_EQ(contract_.overflow, Overflow::kDropOldest) << "all that is left";
  EXPECT_EQ(Make("x"), "");
  EXPECT_EQ(contract_.overflow, Overflow::kConflate);
  EXPECT_EQ(Make("b"), "any; allowed by the rules for #, b: nothing");
}

TEST_F(DeliveryRulesTest, ReplayIsOnlyForWhatAStreamKeeps) {
  policy_.rules = {
      {.filter = "chat/#", .allow = OverflowSet::All(), .otherwise = Overflow::kReplay, .max = {}}};
  EXPECT_EQ(Make("chat/1"), "");
  EXPECT_EQ(contract_.overflow, Overflow::kDropOldest) << "the default does not fit";
  subscribe_.overflow = OVERFLOW_REPLAY;
  const auto refusal = MakeContract(subscribe_, limits_, policy_, false, &contract_);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, ErrorCode::kNotInStream);

  in_stream_ = true;
  EXPECT_EQ(Make("chat/1"), "");
  EXPECT_EQ(contract_.overflow, Overflow::kReplay);
}

}  // namespace
}  // namespace esockets::broker
