#include "broker/interest.h"

#include <string>
#include <string_view>
#include <vector>

#include "broker/limits.h"
#include "gtest/gtest.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/recording_link.h"

namespace esockets::broker {
namespace {

using tests::RecordingLink;

class InterestTest : public testing::Test {
 protected:
  InterestTest() { siblings_.set_inbox(&link_); }

  static InterestParcel Wants(std::string_view filter, bool wanted = true, uint64_t barrier = 0) {
    return {std::string(filter), wanted, barrier};
  }
  // A bit for each other loop that wants the topic.
  uint64_t LoopsFor(std::string_view topic) {
    uint64_t loops = interest_.LoopsWithLiteral(topic);
    std::vector<Subscriber*> found;
    index_.Match(topic, &found);
    for (const Subscriber* one : found) loops |= uint64_t{1} << one->loop;
    return loops;
  }

  RecordingLink link_;
  SubscriptionIndex index_;
  Siblings siblings_{0, 3, &link_};
  Interest interest_{&siblings_, &index_};
};

std::vector<uint64_t> Requests(const std::vector<PendingSubscribe>& subscribes) {
  std::vector<uint64_t> ids;
  ids.reserve(subscribes.size());
  for (const PendingSubscribe& one : subscribes) ids.push_back(one.request_id);
  return ids;
}

using Ids = std::vector<uint64_t>;

TEST_F(InterestTest, SubscribedWaitsForEveryLoopAndLaterOnesForTheSame) {
  tests::PretendOnLoop();
  interest_.Announce("a");
  const auto told = link_.Take<InterestParcel>();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].first, 1u);
  EXPECT_EQ(told[1].first, 2u);
  EXPECT_TRUE(interest_.WaitUntilConfirmed("a", {1, 10}));
  EXPECT_TRUE(interest_.WaitUntilConfirmed("a", {2, 20}));
  EXPECT_TRUE(interest_.OnConfirmed(told[0].second.barrier).empty());
  EXPECT_EQ(Requests(interest_.OnConfirmed(told[0].second.barrier)), (Ids{10, 20}));
  EXPECT_FALSE(interest_.WaitUntilConfirmed("a", {3, 30}));
}

TEST_F(InterestTest, WhatIsAnnouncedAgainHasABarrierOfItsOwn) {
  tests::PretendOnLoop();
  interest_.Announce("a");
  const uint64_t first = link_.Take<InterestParcel>()[0].second.barrier;
  EXPECT_TRUE(interest_.WaitUntilConfirmed("a", {1, 10}));
  EXPECT_EQ(Requests(interest_.TakePending("a", 1)), Ids{10});
  interest_.Withdraw("a");
  interest_.Announce("a");
  const uint64_t second = link_.Take<InterestParcel>().back().second.barrier;
  EXPECT_TRUE(interest_.WaitUntilConfirmed("a", {1, 11}));
  for (int loop = 0; loop < 2; ++loop) EXPECT_TRUE(interest_.OnConfirmed(first).empty());
  EXPECT_TRUE(interest_.OnConfirmed(second).empty());
  EXPECT_EQ(Requests(interest_.OnConfirmed(second)), Ids{11});
}

TEST_F(InterestTest, WithTooManyChangesOnTheirWaySessionsWaitUntilHalfAreConfirmed) {
  tests::PretendOnLoop();
  std::vector<uint64_t> barriers;
  for (size_t i = 0; i < kInterestChangesMax / 2; ++i) {
    EXPECT_FALSE(interest_.WaitForRoom(7));
    interest_.Announce("a");
    interest_.Withdraw("a");
  }
  for (const auto& [loop, parcel] : link_.Take<InterestParcel>()) {
    if (loop == 1) barriers.push_back(parcel.barrier);
  }
  ASSERT_EQ(barriers.size(), kInterestChangesMax);
  EXPECT_TRUE(interest_.WaitForRoom(8));
  EXPECT_TRUE(interest_.WaitForRoom(9));
  for (size_t i = 0; i < barriers.size() / 2; ++i) {
    EXPECT_EQ(interest_.TakeResumed(), Ids());
    for (int loop = 0; loop < 2; ++loop) interest_.OnConfirmed(barriers[i]);
  }
  EXPECT_EQ(interest_.TakeResumed(), (Ids{8, 9}));
  EXPECT_EQ(interest_.TakeResumed(), Ids());
}

TEST_F(InterestTest, KnowsWhatOtherLoopsWantAndConfirms) {
  tests::PretendOnLoop();
  const uint64_t version = interest_.version() + index_.version();
  interest_.OnChange(1, Wants("a/b", true, 5));
  interest_.OnChange(2, Wants("a/+", true, 6));
  interest_.OnChange(2, Wants("a/b"));
  EXPECT_GT(interest_.version() + index_.version(), version);
  const auto confirmed = link_.Take<InterestConfirmedParcel>();
  ASSERT_EQ(confirmed.size(), 2u);
  EXPECT_EQ(confirmed[0].first, 1u);
  EXPECT_EQ(confirmed[0].second.barrier, 5u);
  EXPECT_EQ(confirmed[1].first, 2u);
  const struct {
    std::string_view topic;
    uint64_t loops;
  } cases[] = {{"a/b", 0b110}, {"a/c", 0b100}, {"b", 0}};
  for (const auto& c : cases) EXPECT_EQ(LoopsFor(c.topic), c.loops) << c.topic;
  interest_.OnChange(2, Wants("a/+", false));
  interest_.OnChange(1, Wants("a/b", false));
  EXPECT_EQ(LoopsFor("a/b"), 0b100u) << "the literal one is left";
  EXPECT_EQ(LoopsFor("a/c"), 0u);
  interest_.OnChange(2, Wants("a/b", false));
  EXPECT_EQ(interest_.literals_of_others(), 0u);
}

TEST_F(InterestTest, AloneNobodyIsAsked) {
  tests::PretendOnLoop();
  Siblings alone{0, 1, nullptr};
  Interest interest(&alone, &index_);
  interest.Announce("a");
  EXPECT_FALSE(interest.WaitUntilConfirmed("a", {1, 1}));
  interest.Withdraw("a");
}

}  // namespace
}  // namespace esockets::broker
