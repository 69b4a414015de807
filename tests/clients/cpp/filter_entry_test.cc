#include "clients/cpp/filter_entry.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::client {
namespace {

using Positions = std::vector<uint64_t>;

struct Ear : Subscriber {
  void OnMessage(const MessageView& message) override { positions.push_back(message.position); }
  void OnEnd(const absl::Status&) override {}
  Positions positions;
};

StreamStart Behind(uint64_t position, uint64_t epoch = 1) {
  return {.filter = {}, .name = "chat", .epoch = epoch, .position = position, .recovered = true};
}

class FilterEntryTest : public testing::Test {
 protected:
  std::shared_ptr<Ear> Add(uint64_t id, const SubscribeOptions& options = {}) {
    auto ear = std::make_shared<Ear>();
    entry_.Add(options, {id, ear});
    return ear;
  }
  void Hand(const Positions& positions) {
    for (const uint64_t position : positions) {
      MessageView message;
      message.position = position;
      entry_.Hand(message);
    }
  }

  FilterEntry entry_;
};

TEST_F(FilterEntryTest, WithoutAStreamEverythingIsHanded) {
  const auto ear = Add(1);
  entry_.Begin(1, std::nullopt);
  Hand({5, 3, 0, 3});
  EXPECT_EQ(ear->positions, (Positions{5, 3, 0, 3}));
}

TEST_F(FilterEntryTest, WithinOneNothingIsHandedTwice) {
  const auto ear = Add(1);
  Hand({5});  // before the answer
  entry_.Begin(1, Behind(4));
  Hand({5, 6, 6, 3, 0, 7});
  EXPECT_EQ(ear->positions, (Positions{5, 6, 0, 7}));
  EXPECT_EQ(entry_.position(), 7u);
  EXPECT_TRUE(entry_.is_live());
}

TEST_F(FilterEntryTest, WhoAsksForHistoryTakesNothingBeforeTheAnswer) {
  const auto ear = Add(1, {.start = Start::Last(3)});
  EXPECT_FALSE(entry_.options.start.is_now());
  Hand({10});
  entry_.Begin(1, Behind(7));
  Hand({8, 9, 10});
  EXPECT_EQ(ear->positions, (Positions{8, 9, 10}));
  EXPECT_TRUE(entry_.options.start.is_now());
  EXPECT_FALSE(entry_.is_live());
}

TEST_F(FilterEntryTest, SubscriptionsToOneFilterHaveTheirOwnPlaces) {
  const auto first = Add(1);
  entry_.Begin(1, Behind(4));
  Hand({5});
  const auto second = Add(2, {.start = Start::Last(5)});
  entry_.Begin(2, Behind(2));
  Hand({3, 4, 5, 6});
  EXPECT_EQ(first->positions, (Positions{5, 6}));
  EXPECT_EQ(second->positions, (Positions{3, 4, 5, 6}));
  const auto third = Add(3);
  entry_.Begin(3, std::nullopt);
  Hand({6, 7});
  EXPECT_EQ(third->positions, (Positions{7}));
}

TEST_F(FilterEntryTest, GoesOnWhereItWasUnlessTheEpochIsAnother) {
  const auto ear = Add(1);
  entry_.Begin(1, Behind(4));
  Hand({5, 6});
  entry_.Ask(/*rides=*/false);
  Hand({8});  // for somebody else: 7 is still to come
  entry_.BeginAgain(Behind(5));
  Hand({6, 7, 8});
  EXPECT_EQ(ear->positions, (Positions{5, 6, 7, 8}));
  entry_.Ask(/*rides=*/false);
  entry_.BeginAgain(Behind(0, 2));
  Hand({1, 2});
  EXPECT_EQ(ear->positions, (Positions{5, 6, 7, 8, 1, 2}));
  EXPECT_EQ(entry_.stream()->epoch, 2u);
  EXPECT_EQ(entry_.position(), 2u);
}

TEST_F(FilterEntryTest, WhatConflatesTakesEveryPosition) {
  const auto ear = Add(1);
  StreamStart told = Behind(4);
  told.overflow = Overflow::kConflate;  // the broker's setting
  entry_.Begin(1, told);
  Hand({9, 6, 8});
  EXPECT_EQ(ear->positions, (Positions{9, 6, 8}));
  EXPECT_TRUE(entry_.conflates());
  Add(2, {.overflow = Overflow::kDropNewest});
  EXPECT_FALSE(entry_.conflates());
}

// The broker hands what both match to the one that reads: it is not in order for the other.
TEST_F(FilterEntryTest, WhatAnotherBringsLateIsHandedToo) {
  const auto ear = Add(1);
  entry_.Begin(1, Behind(4));
  Hand({5});
  entry_.Share();
  Hand({7, 3, 4, 5, 6, 8});
  EXPECT_EQ(ear->positions, (Positions{5, 7, 6, 8}));
  EXPECT_EQ(entry_.position(), 8u);
}

}  // namespace
}  // namespace esockets::client
