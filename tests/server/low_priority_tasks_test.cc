#include "server/low_priority_tasks.h"

#include "gtest/gtest.h"
#include "server/limits.h"
#include "tests/support/hand_clock.h"

namespace esockets::server {
namespace {

using std::chrono::microseconds;

class LowPriority : public ::testing::Test {
 protected:
  void Add(int count, base::Duration each) {
    for (int i = 0; i < count; ++i) {
      tasks_.Add([this, each, number = added_++] {
        EXPECT_EQ(number, ran_++) << "in the order of Add";
        clock_.now += each;
      });
    }
  }
  // How many ran in turns that had so much else to do.
  int RanInTurns(int turns, base::Duration work, bool idle) {
    const int before = ran_;
    for (int i = 0; i < turns; ++i) tasks_.RunSome(clock_, work, idle);
    return ran_ - before;
  }

  tests::HandClock clock_;
  LowPriorityTasks tasks_;
  int added_ = 0;
  int ran_ = 0;
};

TEST_F(LowPriority, AnIdleTurnRunsThemForASlice) {
  Add(100, kLowPrioritySlice / 10);
  EXPECT_EQ(RanInTurns(1, {}, true), 10);
  EXPECT_EQ(RanInTurns(1, {}, true), 10);
  EXPECT_FALSE(tasks_.empty());
}

TEST_F(LowPriority, OneThatTakesLongerThanASliceRunsAlone) {
  Add(3, kLowPrioritySlice * 5);
  EXPECT_EQ(RanInTurns(1, {}, true), 1);
  EXPECT_EQ(RanInTurns(1, {}, true), 1);
}

TEST_F(LowPriority, ABusyLoopGivesThemTheirShare) {
  Add(10'000, microseconds(700));
  const int turns = 10'000;
  const base::Duration work = microseconds(100);
  const int ran = RanInTurns(turns, work, false);
  const double share = (ran * 700.0) / (ran * 700.0 + turns * 100.0);
  EXPECT_NEAR(share, 1.0 / (1 + kLowPriorityDivisor), 0.01);
}

TEST_F(LowPriority, ABusyLoopThatHadNoneOwesThemASliceAtMost) {
  Add(1, microseconds(1));
  EXPECT_EQ(RanInTurns(1, std::chrono::seconds(10), false), 1);
  Add(1000, kLowPrioritySlice / 10);
  EXPECT_EQ(RanInTurns(1, std::chrono::seconds(10), false), 10);
}

TEST_F(LowPriority, WhatATaskAddsRunsToo) {
  bool ran = false;
  tasks_.Add([&] { tasks_.Add([&] { ran = true; }); });
  RanInTurns(1, {}, true);
  EXPECT_TRUE(ran);
  EXPECT_TRUE(tasks_.empty());
}

}  // namespace
}  // namespace esockets::server
