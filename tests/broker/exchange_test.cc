#include "broker/exchange.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/limits.h"
#include "gtest/gtest.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/published.h"
#include "tests/support/recording_link.h"
#include "tests/support/sim_executor.h"

namespace esockets::broker {
namespace {

using tests::Published;
using tests::RecordingLink;

constexpr uint64_t kBytesMax = 1000;

class ExchangeTest : public testing::Test {
 protected:
  ExchangeTest() {
    executor_.BeginTurn();
    siblings_.set_inbox(&link_);
  }
  void Forward(std::string_view topic, uint64_t loops, std::string_view payload = "p") {
    tests::PretendOnLoop();
    exchange_.Forward(Published(topic, payload, 9).messages(), loops);
  }
  // Loop and topics of each batch that was posted.
  std::vector<std::pair<uint32_t, std::string>> Posted() {
    std::vector<std::pair<uint32_t, std::string>> all;
    for (const auto& [loop, parcel] : link_.Take<BatchParcel>()) {
      std::string topics;
      parcel.batch->ForEach(loop, [&](const Messages& messages, size_t bytes) {
        topics += messages.topic;
        bytes_ += bytes;
      });
      all.emplace_back(loop, topics);
    }
    return all;
  }

  tests::SimExecutor executor_;
  RecordingLink link_;
  Siblings siblings_{1, 4, &link_};
  Metrics metrics_;
  Exchange exchange_{&executor_, &siblings_, &metrics_, kBytesMax};
  size_t bytes_ = 0;
};

using Batches = std::vector<std::pair<uint32_t, std::string>>;

TEST_F(ExchangeTest, ATurnIsOneBatchForAllLoops) {
  Forward("a", 0b0101);
  Forward("b", 0b0001);
  Forward("c", 0b0100);
  EXPECT_EQ(Posted(), Batches{}) << "not before the end of the turn";
  executor_.NextTurn();
  ASSERT_EQ(link_.posted.size(), 2u);
  EXPECT_EQ(std::get<BatchParcel>(link_.posted[0].second).batch,
            std::get<BatchParcel>(link_.posted[1].second).batch)
      << "one object";
  EXPECT_EQ(Posted(), (Batches{{0, "ab"}, {2, "ac"}}));
  EXPECT_EQ(metrics_.forwarded_messages_total.value(), 3u);
  executor_.NextTurn();
  EXPECT_EQ(Posted(), Batches{});
}

TEST_F(ExchangeTest, FlushPostsAtOnceAndALargeBatchGoesBeforeTheTurnEnds) {
  tests::PretendOnLoop();
  Forward("a", 0b0001);
  exchange_.Flush();
  EXPECT_EQ(Posted(), (Batches{{0, "a"}}));
  Forward("b", 0b0001, std::string(kBatchBytesMax, 'x'));
  EXPECT_EQ(Posted(), (Batches{{0, "b"}}));
}

TEST_F(ExchangeTest, WithoutCreditAPublisherWaitsUntilHalfIsRouted) {
  tests::PretendOnLoop();
  Forward("a", 0b0001, std::string(kBytesMax, 'x'));
  EXPECT_FALSE(exchange_.WaitForCredit(0b0100, 7)) << "another loop has credit";
  EXPECT_TRUE(exchange_.WaitForCredit(0b0101, 8));
  EXPECT_EQ(metrics_.exchange_pauses_total.value(), 1u);
  executor_.NextTurn();
  Posted();
  EXPECT_TRUE(exchange_.OnCredit(0, {.bytes = bytes_ - kBytesMax / 2 - 1}).empty());
  EXPECT_EQ(exchange_.OnCredit(0, {.bytes = 1}), std::vector<uint64_t>{8});
  EXPECT_FALSE(exchange_.WaitForCredit(0b0001, 8));
}

TEST_F(ExchangeTest, CreditIsGivenBackInQuarters) {
  tests::PretendOnLoop();
  constexpr uint64_t kBytes = kBytesMax / 9;
  uint64_t given_back = 0;
  uint64_t received = 0;
  for (int i = 0; i < 10; ++i) {
    exchange_.OnRouted(3, {.bytes = kBytes});
    received += kBytes;
    for (const auto& [loop, credit] : link_.Take<CreditParcel>()) {
      EXPECT_EQ(loop, 3u);
      given_back += credit.bytes;
    }
    EXPECT_LT(received - given_back, kBytesMax / 4);
  }
}

// A stream's home can not pause the publishers of another loop: it gives their credit back later.
TEST_F(ExchangeTest, WhatIsStoredHereIsCreditedWhenNoLoopIsBehind) {
  tests::PretendOnLoop();
  const Published published("s", std::string(kBytesMax, 'x'), 9);
  Messages stored = published.messages();
  stored.stamped = true;
  exchange_.Forward(stored, 0b0001);
  executor_.NextTurn();
  Posted();
  exchange_.OnRouted(3, {.bytes = 900, .stored_bytes = 0, .to_home_bytes = 600});
  const auto given = link_.Take<CreditParcel>();
  ASSERT_EQ(given.size(), 1U);
  EXPECT_EQ(given[0].second.bytes, 300U) << "what was not stored here is credited at once";
  exchange_.OnCredit(0, {.bytes = bytes_, .stored_bytes = bytes_});
  const auto held = link_.Take<CreditParcel>();
  ASSERT_EQ(held.size(), 1U);
  EXPECT_EQ(held[0].first, 3U);
  EXPECT_EQ(held[0].second.bytes, 600U);
  exchange_.OnRouted(3, {.bytes = 600, .stored_bytes = 0, .to_home_bytes = 600});
  EXPECT_EQ(link_.Take<CreditParcel>().size(), 1U) << "and nothing is held any more";
}

}  // namespace
}  // namespace esockets::broker
