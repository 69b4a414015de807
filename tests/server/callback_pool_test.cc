#include "server/callback_pool.h"

#include <atomic>
#include <future>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::server {
namespace {

TEST(CallbackPool, EachClientsTasksRunInOrderOnOneThread) {
  constexpr size_t kClients = 10;
  std::vector<std::vector<int>> order(kClients);
  std::vector<std::thread::id> threads(kClients);
  {
    CallbackPool pool(3, 1'000'000);
    for (int i = 0; i < 1000; ++i) {
      for (size_t client = 0; client < kClients; ++client) {
        pool.RunAlways(client, [&, client, i] {
          if (i == 0) threads[client] = std::this_thread::get_id();
          EXPECT_EQ(threads[client], std::this_thread::get_id());
          order[client].push_back(i);
        });
      }
    }
  }
  for (const auto& numbers : order) {
    ASSERT_EQ(numbers.size(), 1000u) << "what is queued is run before the end";
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(numbers[static_cast<size_t>(i)], i);
  }
  EXPECT_EQ(threads[0], threads[3]);
}

TEST(CallbackPool, OverTheLimitItAsksToSlowDownAndTellsWhenThereIsRoom) {
  std::promise<void> gate;
  std::promise<void> begun;
  std::atomic<int> ran{0};
  std::promise<int> room;
  CallbackPool pool(1, 4);
  pool.RunAlways(1, [&] {
    begun.set_value();
    gate.get_future().wait();
  });
  begun.get_future().wait();
  const auto on_room = [&]() -> base::Task { return [&] { room.set_value(ran); }; };
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(pool.Run(
        1, [&] { ++ran; }, on_room));
  }
  EXPECT_FALSE(pool.Run(
      1, [&] { ++ran; }, on_room))
      << "queued all the same";
  gate.set_value();
  EXPECT_GE(room.get_future().get(), 3) << "at half of four";
}

TEST(CallbackPool, ALimitOfZeroStillGetsOn) {
  CallbackPool pool(1, 0);
  for (int i = 0; i < 10; ++i) {
    std::promise<void> room;
    if (!pool.Run(
            1, [] {}, [&]() -> base::Task { return [&] { room.set_value(); }; })) {
      room.get_future().wait();
    }
  }
}

}  // namespace
}  // namespace esockets::server
