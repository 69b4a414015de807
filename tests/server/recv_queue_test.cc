#include "server/recv_queue.h"

#include <atomic>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::server {
namespace {

using std::chrono::milliseconds;

TEST(RecvQueue, KeepsOrderAndSize) {
  RecvQueue queue({}, nullptr);
  EXPECT_EQ(queue.TryPop(), std::nullopt);
  for (const char* message : {"a", "", "c"}) queue.Push(message);
  EXPECT_EQ(queue.size(), 3u);
  EXPECT_EQ(queue.TryPop(), "a");
  EXPECT_EQ(queue.Pop(milliseconds(1)), "");
  EXPECT_EQ(queue.Pop(base::Duration::max()), "c");
  EXPECT_EQ(queue.size(), 0u);
}

TEST(RecvQueue, PopWaitsAtMostItsTimeout) {
  RecvQueue queue({}, nullptr);
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(queue.Pop(milliseconds(20)), std::nullopt);
  EXPECT_GE(std::chrono::steady_clock::now() - before, milliseconds(20));
  EXPECT_EQ(queue.Pop(milliseconds(-5)), std::nullopt);
}

TEST(RecvQueue, PopForEverReturnsWhenSomethingComes) {
  RecvQueue queue({}, nullptr);
  std::thread pusher([&] { queue.Push("at last"); });
  EXPECT_EQ(queue.Pop(base::Duration::max()), "at last");
  pusher.join();
}

TEST(RecvQueue, CloseEndsWaitingAndKeepsWhatIsThere) {
  RecvQueue queue({}, nullptr);
  queue.Push("kept");
  std::thread closer([&] { queue.Close(); });
  EXPECT_EQ(queue.Pop(base::Duration::max()), "kept");
  EXPECT_EQ(queue.Pop(base::Duration::max()), std::nullopt);
  closer.join();
}

TEST(RecvQueue, FullPausesOnceAndResumesAtHalf) {
  std::vector<bool> calls;
  RecvQueue queue({.messages_max = 4}, [&](bool pause) { calls.push_back(pause); });
  for (int i = 0; i < 6; ++i) queue.Push("x");  // what was on its way is kept
  EXPECT_EQ(calls, (std::vector<bool>{true}));
  EXPECT_EQ(queue.size(), 6u);
  for (int i = 0; i < 3; ++i) queue.TryPop();
  EXPECT_EQ(calls, (std::vector<bool>{true}));
  queue.TryPop();
  EXPECT_EQ(calls, (std::vector<bool>{true, false}));
  EXPECT_EQ(queue.dropped_total(), 0u);
}

TEST(RecvQueue, ALimitOfOneStillResumes) {
  int paused = 0;
  RecvQueue queue({.messages_max = 1}, [&](bool pause) { paused += pause ? 1 : -1; });
  for (int i = 0; i < 5; ++i) {
    queue.Push("x");
    EXPECT_EQ(paused, 1);
    queue.TryPop();
    EXPECT_EQ(paused, 0);
  }
}

TEST(RecvQueue, DropOldestKeepsTheNewestAndCounts) {
  RecvQueue queue({.messages_max = 3, .when_full = RecvQueueFull::kDropOldest},
                  [](bool) { FAIL(); });
  for (int i = 0; i < 10; ++i) queue.Push(std::to_string(i));
  EXPECT_EQ(queue.size(), 3u);
  EXPECT_EQ(queue.dropped_total(), 7u);
  EXPECT_EQ(queue.TryPop(), "7");
}

TEST(RecvQueue, ManyThreadsPopEachMessageOnce) {
  RecvQueue queue({.messages_max = 50}, [](bool) {});
  std::atomic<int> popped{0};
  std::vector<std::thread> threads;
  threads.reserve(3);
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      while (queue.Pop(base::Duration::max())) ++popped;
    });
  }
  for (int i = 0; i < 5000; ++i) queue.Push("x");
  queue.Close();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(popped, 5000);
}

}  // namespace
}  // namespace esockets::server
