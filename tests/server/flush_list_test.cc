#include "server/flush_list.h"

#include <functional>
#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "server/limits.h"
#include "tests/support/allocations.h"
#include "tests/support/hand_clock.h"
#include "tests/support/pretend_on_loop.h"

namespace esockets::server {
namespace {

using base::Duration;
using base::TimePoint;

struct Fake final : Flushable {
  explicit Fake(tests::HandClock* work_clock) : clock(work_clock) {}
  bool FlushOnce() override {
    ++flushes;
    clock->now += std::chrono::microseconds(1);
    if (on_flush) on_flush();
    return --turns_left > 0;
  }
  TimePoint OldestUnsent() const override { return oldest; }
  void CountWaiting(const CopyOutLook&) override {}
  void CopyOutOld(const CopyOutLook&) override {}

  tests::HandClock* clock;
  TimePoint oldest{};
  int flushes = 0;
  int turns_left = 1;
  std::function<void()> on_flush;
};

class FlushListTest : public testing::Test {
 protected:
  Fake& New() { return *fakes.emplace_back(std::make_unique<Fake>(&clock)); }
  bool Slice(int micros = 1'000'000) {
    tests::PretendOnLoop();
    return list.FlushSlice(clock, std::chrono::microseconds(micros));
  }

  tests::HandClock clock;
  FlushList list;
  std::vector<std::unique_ptr<Fake>> fakes;
};

TEST_F(FlushListTest, EachOnceHoweverOftenItIsAdded) {
  Fake& a = New();
  list.Add(&a);
  list.Add(&a);
  EXPECT_FALSE(list.empty());
  EXPECT_FALSE(Slice());
  EXPECT_EQ(a.flushes, 1);
  EXPECT_TRUE(list.empty());
  EXPECT_FALSE(Slice());
  EXPECT_EQ(a.flushes, 1);
}

TEST_F(FlushListTest, WhoHasMoreWaitsForTheNextSlice) {
  Fake& a = New();
  Fake& b = New();
  a.turns_left = 3;
  list.Add(&a);
  list.Add(&b);
  EXPECT_TRUE(Slice());
  EXPECT_EQ(a.flushes, 1);
  EXPECT_EQ(b.flushes, 1);
  EXPECT_TRUE(Slice());
  EXPECT_FALSE(Slice());
  EXPECT_EQ(a.flushes, 3);
  EXPECT_EQ(b.flushes, 1);
}

TEST_F(FlushListTest, ASliceIsBoundedAndFirstInFirstOut) {
  std::vector<int> order;
  for (int i = 0; i < 100; ++i) {
    Fake& fake = New();
    fake.on_flush = [&order, i] { order.push_back(i); };
    list.Add(&fake);
  }
  EXPECT_TRUE(Slice(20));
  EXPECT_EQ(order.size(), 25u) << "the clock is looked at after one send of each 8";
  while (Slice(20)) {
  }
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<size_t>(i)], i);
}

TEST_F(FlushListTest, AddedWithinASliceWaitsForTheNext) {
  Fake& a = New();
  Fake& b = New();
  a.on_flush = [&] {
    list.Add(&a);
    list.Add(&b);
  };
  list.Add(&a);
  EXPECT_TRUE(Slice());
  EXPECT_EQ(a.flushes, 1);
  EXPECT_EQ(b.flushes, 0);
}

TEST_F(FlushListTest, RemovedIsNotFlushed) {
  Fake& a = New();
  Fake& b = New();
  Fake& c = New();
  for (Fake* each : {&a, &b, &c}) list.Add(each);
  a.on_flush = [&] { list.Remove(&b); };
  list.Remove(&c);
  list.Remove(&c);
  EXPECT_FALSE(Slice());
  EXPECT_EQ(a.flushes, 1);
  EXPECT_EQ(b.flushes, 0);
  EXPECT_EQ(c.flushes, 0);
  list.Add(&b);
  EXPECT_FALSE(Slice());
  EXPECT_EQ(b.flushes, 1);
}

TEST_F(FlushListTest, WhatIsForAFewGoesInFrontOfWhatIsForMany) {
  std::vector<int> order;
  for (int i = 0; i < 1000; ++i) {
    Fake& fake = New();
    fake.on_flush = [&order, i] { order.push_back(i); };
    list.Add(&fake);
  }
  EXPECT_TRUE(Slice(20));
  order.clear();
  Fake& one = New();
  one.on_flush = [&order] { order.push_back(-1); };
  list.Add(&one, FlushRank::kFirst);
  list.Add(fakes[900].get(), FlushRank::kFirst);
  EXPECT_TRUE(Slice(20));
  EXPECT_EQ(order[0], -1);
  EXPECT_EQ(order[1], 900) << "it was listed with the others before";
  EXPECT_EQ(order[2], 25);
  while (Slice(20)) {
  }
  for (const auto& fake : fakes) EXPECT_EQ(fake->flushes, 1);
}

TEST_F(FlushListTest, ManyWhoAreFewDoNotKeepTheOthersFromTheirTurn) {
  Fake& many = New();
  for (int i = 0; i < 100; ++i) {
    Fake& few = New();
    few.turns_left = 1'000'000;
    list.Add(&few, FlushRank::kFirst);
  }
  list.Add(&many);
  EXPECT_TRUE(Slice(40));
  EXPECT_EQ(many.flushes, 1) << "half of the slice is theirs";
}

TEST_F(FlushListTest, OfEitherRankItIsListedOnce) {
  Fake& a = New();
  list.Add(&a, FlushRank::kFirst);
  list.Add(&a);
  list.Add(&a, FlushRank::kFirst);
  EXPECT_FALSE(Slice());
  EXPECT_EQ(a.flushes, 1);
  list.Add(&a);
  list.Add(&a, FlushRank::kFirst);
  list.Remove(&a);
  EXPECT_TRUE(list.empty());
  EXPECT_FALSE(Slice());
  EXPECT_EQ(a.flushes, 1);
}

TEST_F(FlushListTest, NotesHowLongBytesHaveWaited) {
  clock.now = TimePoint(std::chrono::milliseconds(1));
  for (int i = 0; i < 10; ++i) {
    Fake& fake = New();
    fake.oldest = clock.now - std::chrono::microseconds(100);
    list.Add(&fake);
  }
  Slice();
  EXPECT_EQ(list.waits_us().count_in(7), 2U) << "of the first, and of the ninth";
  EXPECT_EQ(list.waits_us().sum(), 101U + 109U);
}

// Whoever connects and leaves in one turn, again and again, leaves nothing behind.
TEST_F(FlushListTest, HolesDoNotPileUp) {
  Fake& a = New();
  const int64_t before = tests::LiveBytes();
  for (int i = 0; i < 100'000; ++i) {
    list.Add(&a);
    list.Remove(&a);
    Slice();
  }
  EXPECT_LT(tests::LiveBytes() - before, 1000);
}

TEST_F(FlushListTest, NobodyStarvesAndNobodyIsLost) {
  for (int i = 0; i < 1000; ++i) {
    Fake& fake = New();
    fake.turns_left = i % 5 + 1;
    list.Add(&fake);
  }
  for (int slices = 0; Slice(13); ++slices) ASSERT_LT(slices, 10'000);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(fakes[static_cast<size_t>(i)]->flushes, i % 5 + 1);
}

}  // namespace
}  // namespace esockets::server
