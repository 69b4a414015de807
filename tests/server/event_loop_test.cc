#include "server/event_loop.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/loop_runner.h"
#include "tests/support/pretend_on_loop.h"

namespace esockets::server {
namespace {

using std::chrono::milliseconds;
using tests::LoopRunner;

TEST(EventLoop, PostsOfEachThreadRunInOrder) {
  LoopRunner runner;
  std::vector<std::vector<int>> seen(4);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < seen.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 1000; ++i) {
        runner.loop().Post([&seen, t, i] { seen[t].push_back(i); });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  runner.Do([] {});
  for (const auto& numbers : seen) {
    ASSERT_EQ(numbers.size(), 1000u);
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(numbers[static_cast<size_t>(i)], i);
  }
}

TEST(EventLoop, ATaskThatPostsRunsTheOtherInALaterTurn) {
  LoopRunner runner;
  std::promise<void> done;
  uint64_t first = 0, second = 0;
  runner.loop().Post([&] {
    first = runner.loop().metrics().turns.value();
    runner.loop().Post([&] {
      second = runner.loop().metrics().turns.value();
      done.set_value();
    });
  });
  done.get_future().wait();
  EXPECT_EQ(second, first + 1);
}

TEST(EventLoop, ATurnGoesInputTimersEndTasksDestruction) {
  LoopRunner runner;
  EventLoop& loop = runner.loop();
  std::vector<int> order;
  struct Dying {
    std::vector<int>* order;
    ~Dying() { order->push_back(4); }
  };
  runner.Do([&] {
    loop.AssertOnLoop();
    loop.DeleteLater(std::make_shared<Dying>(Dying{&order}));
    order.clear();  // of the temporary
    loop.AtTurnEnd([&] {
      loop.AssertOnLoop();
      order.push_back(2);
      loop.AtTurnEnd([&] { order.push_back(3); });
    });
    loop.RunAt(loop.TurnTime(), [&] { order.push_back(1); });
  });
  runner.Do([&] { EXPECT_EQ(order, (std::vector<int>{1, 2, 3, 4})); });
}

TEST(EventLoop, TimersRunAndAreCancelled) {
  LoopRunner runner;
  EventLoop& loop = runner.loop();
  std::promise<base::TimePoint> ran;
  bool cancelled_ran = false;
  base::TimePoint deadline;
  runner.Do([&] {
    loop.AssertOnLoop();
    deadline = loop.TurnTime() + milliseconds(20);
    const base::TimerId cancelled =
        loop.RunAt(loop.TurnTime() + milliseconds(5), [&] { cancelled_ran = true; });
    loop.RunAt(deadline, [&] {
      loop.AssertOnLoop();
      ran.set_value(loop.TurnTime());
    });
    loop.Cancel(cancelled);
  });
  EXPECT_GE(ran.get_future().get(), deadline);
  EXPECT_FALSE(cancelled_ran);
}

TEST(EventLoop, LagIsWhatWhoeverComesNowWaits) {
  tests::LoopRunner runner;
  const EventLoop& loop = runner.loop();
  base::Duration in_turn{};
  runner.Do([&] {
    do {
      in_turn = loop.LagAt(loop.clock().Now());
    } while (in_turn < milliseconds(2));
  });
  EXPECT_GE(in_turn, milliseconds(2));
  runner.Stop();  // that turn may not be over yet
  // A turn of some time ago says nothing.
  EXPECT_EQ(loop.LagAt(loop.clock().Now() + std::chrono::hours(1)), base::Duration::zero());
}

TEST(EventLoop, IdleCostsNoTurns) {
  LoopRunner runner;
  EventLoop& loop = runner.loop();
  uint64_t turns = 0;
  std::promise<uint64_t> later;
  runner.Do([&] {
    loop.AssertOnLoop();
    turns = loop.metrics().turns.value();
    loop.RunAt(loop.TurnTime() + std::chrono::hours(1), [] {});
    loop.RunAt(loop.TurnTime() + milliseconds(100),
               [&] { later.set_value(loop.metrics().turns.value()); });
  });
  EXPECT_LE(later.get_future().get() - turns, 3u);
}

TEST(EventLoop, HugeBlockTimeAndFarDeadlinesDoNotOverflow) {
  LoopRunner runner({.block_time_max = base::Duration::max()});
  runner.Do([&] {
    runner.loop().AssertOnLoop();
    runner.loop().RunAt(base::TimePoint::max(), [] {});
    runner.loop().RunAt(base::TimePoint::min(), [] {});
  });
  runner.Turn();
}

TEST(EventLoop, StopBeforeRunAndTwice) {
  EventLoop loop({});
  loop.Stop();
  loop.Run();
  loop.Stop();
}

// Tasks that hold what posts, deletes or times something again when it dies.
TEST(EventLoop, WhatIsLeftDiesWithTheLoop) {
  struct Clingy {
    EventLoop* loop;
    int lives;
    int* deaths;
    ~Clingy() {
      ++*deaths;
      if (lives == 0) return;
      tests::PretendOnLoop();
      auto next = std::make_shared<Clingy>(Clingy{loop, 0, deaths});
      if (lives == 1) loop->Post([next] {});
      if (lives == 2) loop->DeleteLater(next);
      if (lives == 3) loop->AtTurnEnd([next] {});
      if (lives == 4) loop->RunAt(base::TimePoint::max(), [next] {});
    }
  };
  for (int how = 0; how < 4; ++how) {
    for (int again = 1; again <= 4; ++again) {
      int deaths = 0;
      {
        EventLoop loop({});
        tests::PretendOnLoop();
        auto object = std::make_shared<Clingy>(Clingy{&loop, again, &deaths});
        if (how == 0) loop.Post([object] {});
        if (how == 1) loop.DeleteLater(object);
        if (how == 2) loop.AtTurnEnd([object] {});
        if (how == 3) loop.RunAt(base::TimePoint::max(), [object] {});
      }
      EXPECT_GE(deaths, 2) << how << " " << again;
    }
  }
}

TEST(EventLoop, EndTasksOfTheLastTurnRun) {
  EventLoop loop({});
  struct LastFlush final : Flushable {
    EventLoop* loop;
    bool told = false;
    bool FlushOnce() override {
      loop->AssertOnLoop();
      loop->AtTurnEnd([this] { told = true; });
      return false;
    }
    void CountWaiting(const CopyOutLook&) override {}
    void CopyOutOld(const CopyOutLook&) override {}
  } flushable;
  flushable.loop = &loop;
  loop.Post([&] {
    loop.AssertOnLoop();
    loop.flush_list().Add(&flushable);
    loop.Stop();
  });
  loop.Run();
  EXPECT_TRUE(flushable.told);
}

struct Watcher final : EventHandler {
  std::function<void(uint32_t)> on_events;
  void OnEvents(uint32_t events) override { on_events(events); }
};

class SocketPairTest : public testing::Test {
 protected:
  void SetUp() override {
    int fds[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    ours = UniqueFd(fds[0]);
    theirs = UniqueFd(fds[1]);
  }
  UniqueFd ours, theirs;
  LoopRunner runner;
  Watcher watcher;
};

TEST_F(SocketPairTest, WatchesUntilUnwatched) {
  EventLoop& loop = runner.loop();
  std::promise<uint32_t> writable, readable;
  runner.Do([&] {
    watcher.on_events = [&](uint32_t events) {
      loop.AssertOnLoop();
      loop.Rewatch(ours.get(), EPOLLIN, &watcher);
      writable.set_value(events);
      watcher.on_events = [&](uint32_t more) {
        loop.AssertOnLoop();
        loop.Unwatch(ours.get());
        readable.set_value(more);
        watcher.on_events = [](uint32_t) { FAIL(); };
      };
    };
    loop.AssertOnLoop();
    EXPECT_TRUE(loop.Watch(ours.get(), EPOLLOUT, &watcher));
    EXPECT_FALSE(loop.Watch(ours.get(), EPOLLOUT, &watcher)) << "it is watched";
  });
  EXPECT_EQ(writable.get_future().get(), uint32_t{EPOLLOUT});
  ASSERT_EQ(::write(theirs.get(), "x", 1), 1);
  EXPECT_EQ(readable.get_future().get(), uint32_t{EPOLLIN});
  ASSERT_EQ(::write(theirs.get(), "y", 1), 1);
  runner.Turn();
}

// A large fan-out is flushed in slices; input that comes meanwhile is seen before its end.
TEST_F(SocketPairTest, InputIsSeenBetweenSlices) {
  struct Slow final : Flushable {
    SocketPairTest* test = nullptr;
    EventLoop* loop = nullptr;
    std::atomic<int>* flushed = nullptr;
    bool FlushOnce() override {
      const base::TimePoint until = loop->clock().Now() + std::chrono::microseconds(20);
      while (loop->clock().Now() < until) {
      }
      ++*flushed;
      return false;
    }
    void CountWaiting(const CopyOutLook&) override {}
    void CopyOutOld(const CopyOutLook&) override {}
  };
  EventLoop& loop = runner.loop();
  std::atomic<int> flushed{0};
  std::vector<Slow> many(1000);
  std::promise<int> seen;
  runner.Do([&] {
    watcher.on_events = [&](uint32_t) {
      loop.AssertOnLoop();
      loop.Unwatch(ours.get());
      seen.set_value(flushed);
    };
    loop.AssertOnLoop();
    loop.Watch(ours.get(), EPOLLIN, &watcher);
    for (Slow& each : many) {
      each.loop = &loop;
      each.flushed = &flushed;
      loop.flush_list().Add(&each);
    }
    ASSERT_EQ(::write(theirs.get(), "x", 1), 1);
  });
  EXPECT_LT(seen.get_future().get(), 100);
  while (flushed < 1000) runner.Turn();
  EXPECT_GT(loop.metrics().slices_unfinished.value(), 1u);
}

TEST(EventLoopDeathTest, AssertOnLoopDiesElsewhere) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_DEATH(
      {
        LoopRunner runner;
        runner.Do([] {});
        runner.loop().AssertOnLoop();
      },
      "IsOnLoop");
}

}  // namespace
}  // namespace esockets::server
