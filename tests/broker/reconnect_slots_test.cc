#include "broker/reconnect_slots.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr base::TimePoint kNow{seconds(1000)};

TEST(ReconnectSlots, EachHasATimeOfItsOwn) {
  ReconnectSlots slots;
  EXPECT_EQ(slots.Take(100, kNow), 0U);
  EXPECT_EQ(slots.Take(100, kNow), 10U);
  EXPECT_EQ(slots.Take(100, kNow + milliseconds(5)), 15U);
  EXPECT_EQ(slots.Take(100, kNow + seconds(1)), 0U) << "those that nobody took are gone";
}

TEST(ReconnectSlots, TheLastOneComesWhenTheRateAllows) {
  ReconnectSlots slots;
  uint32_t last = 0;
  for (int i = 0; i < 5001; ++i) last = slots.Take(2000, kNow);
  EXPECT_EQ(last, 2500U);
}

TEST(ReconnectSlots, NobodyStaysAwayForEver) {
  ReconnectSlots slots;
  uint32_t last = 0;
  for (int i = 0; i < 10'000; ++i) last = slots.Take(1, kNow);
  EXPECT_EQ(last, 30U * 60 * 1000);
}

TEST(ReconnectSlots, OfAllLoopsTogether) {
  ReconnectSlots slots;
  std::vector<std::vector<uint32_t>> taken(4);
  std::vector<std::thread> loops;
  for (auto& its : taken) {
    loops.emplace_back([&slots, &its] {
      for (int i = 0; i < 1000; ++i) its.push_back(slots.Take(1000, kNow));
    });
  }
  for (std::thread& loop : loops) loop.join();
  std::vector<uint32_t> all;
  for (const auto& its : taken) all.insert(all.end(), its.begin(), its.end());
  std::ranges::sort(all);
  for (uint32_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i], i);
}

}  // namespace
}  // namespace esockets::broker
