#include "server/timer_queue.h"

#include <functional>
#include <memory>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::server {
namespace {

using base::TimePoint;

TimePoint At(int seconds) { return TimePoint(std::chrono::seconds(seconds)); }

TEST(TimerQueue, RunsInOrderOfDeadlines) {
  TimerQueue timers;
  std::vector<int> ran;
  for (const int deadline : {3, 1, 2, 1}) {
    timers.Add(At(deadline), [&ran, deadline] { ran.push_back(deadline); });
  }
  EXPECT_EQ(timers.next_deadline(), At(1));
  timers.RunDue(At(0));
  EXPECT_TRUE(ran.empty());
  timers.RunDue(At(2));
  EXPECT_EQ(ran, (std::vector<int>{1, 1, 2}));
  EXPECT_EQ(timers.next_deadline(), At(3));
  timers.RunDue(At(9));
  EXPECT_EQ(ran, (std::vector<int>{1, 1, 2, 3}));
  EXPECT_FALSE(timers.next_deadline());
}

TEST(TimerQueue, EqualDeadlinesRunInOrderOfAdding) {
  TimerQueue timers;
  std::vector<int> ran;
  for (int i = 0; i < 100; ++i) timers.Add(At(1), [&ran, i] { ran.push_back(i); });
  timers.RunDue(At(1));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ran[static_cast<size_t>(i)], i);
}

TEST(TimerQueue, CancelledDoesNotRun) {
  TimerQueue timers;
  int ran = 0;
  const base::TimerId first = timers.Add(At(1), [&] { ++ran; });
  base::TimerId second;
  timers.Add(At(1), [&] { timers.Cancel(second); });
  second = timers.Add(At(1), [&] { ++ran; });  // due, and cancelled by an earlier one
  timers.Cancel(first);
  timers.Cancel(base::TimerId{});
  timers.RunDue(At(1));
  EXPECT_EQ(ran, 0);
  timers.Cancel(second);
  EXPECT_EQ(timers.size(), 0u);
}

TEST(TimerQueue, AddedWhileRunningWaitsForTheNextTurnEvenIfItIsOverdue) {
  TimerQueue timers;
  int ran = 0;
  base::TimerId last;
  std::function<void()> again = [&] {
    ++ran;
    last = timers.Add(At(-5), [&] { again(); });
  };
  timers.Add(At(1), [&] { again(); });
  timers.RunDue(At(2));
  EXPECT_EQ(ran, 1);
  timers.RunDue(At(3));
  EXPECT_EQ(ran, 2);
  timers.Cancel(last);
  timers.RunDue(At(4));
  EXPECT_EQ(ran, 2);
}

TEST(TimerQueue, ClearDestroysTasksThatTouchTheQueue) {
  TimerQueue timers;
  struct Toucher {
    TimerQueue* timers;
    base::TimerId other;
    ~Toucher() { timers->Cancel(other); }
  };
  const base::TimerId other = timers.Add(At(5), [] {});
  auto toucher = std::make_unique<Toucher>(Toucher{&timers, {}});
  toucher->other = other;
  timers.Add(At(1), [toucher = std::move(toucher)] {});
  timers.Clear();
  EXPECT_EQ(timers.size(), 0u);
}

}  // namespace
}  // namespace esockets::server
