#include "base/work_pool.h"

#include <atomic>
#include <future>
#include <memory>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::base {
namespace {

TEST(WorkPool, RunsWhatItIsGivenElsewhereAndInOrder) {
  WorkPool pool(1, 100);
  std::vector<int> order;
  std::promise<std::thread::id> done;
  for (int i = 0; i < 10; ++i) {
    Task task = [&order, i] { order.push_back(i); };
    ASSERT_TRUE(pool.TryRun(&task));
  }
  Task last = [&] { done.set_value(std::this_thread::get_id()); };
  ASSERT_TRUE(pool.TryRun(&last));
  EXPECT_NE(done.get_future().get(), std::this_thread::get_id());
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(WorkPool, AFullQueueLeavesTheTaskAsItWas) {
  std::promise<void> started, go;
  WorkPool pool(1, 1);
  Task blocking = [&] {
    started.set_value();
    go.get_future().wait();
  };
  ASSERT_TRUE(pool.TryRun(&blocking));
  started.get_future().wait();
  Task waiting = [] {};
  ASSERT_TRUE(pool.TryRun(&waiting));
  EXPECT_EQ(pool.waiting(), 1U);
  bool ran = false;
  Task refused = [&] { ran = true; };
  EXPECT_FALSE(pool.TryRun(&refused));
  refused();
  EXPECT_TRUE(ran);
  go.set_value();
}

TEST(WorkPool, SeveralThreadsWorkAtOnce) {
  std::promise<void> first, second;
  WorkPool pool(2, 10);
  Task one = [&] {
    first.set_value();
    second.get_future().wait();
  };
  Task two = [&] {
    first.get_future().wait();
    second.set_value();
  };
  ASSERT_TRUE(pool.TryRun(&one));
  ASSERT_TRUE(pool.TryRun(&two));
  pool.Stop();
}

TEST(WorkPool, StoppedItForgetsWhatWaitsAndTakesNothing) {
  auto alive = std::make_shared<int>(1);
  std::atomic<int> ran = 0;
  std::promise<void> started, go;
  WorkPool pool(1, 10);
  Task blocking = [&] {
    started.set_value();
    go.get_future().wait();
    ++ran;
  };
  ASSERT_TRUE(pool.TryRun(&blocking));
  started.get_future().wait();
  Task waiting = [&ran, alive] { ++ran; };
  ASSERT_TRUE(pool.TryRun(&waiting));
  std::thread stopping([&] { pool.Stop(); });
  while (alive.use_count() > 1) std::this_thread::yield();
  go.set_value();
  stopping.join();
  EXPECT_EQ(ran, 1);
  Task late = [] {};
  EXPECT_FALSE(pool.TryRun(&late));
}

}  // namespace
}  // namespace esockets::base
