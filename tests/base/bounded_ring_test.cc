#include "base/bounded_ring.h"

#include <cstddef>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include "gtest/gtest.h"

namespace esockets::base {
namespace {

TEST(BoundedRing, IsSmallAndAllocatesNothingUnused) {
  EXPECT_LE(sizeof(BoundedRing<int>), 24u);
  BoundedRing<int> ring(8);
  EXPECT_EQ(ring.capacity(), 0u);
  EXPECT_TRUE(ring.empty());
}

TEST(BoundedRing, RefusesAtTheLimitAndLeavesTheArgument) {
  for (size_t limit : {0u, 1u, 3u, 4u, 5u, 8u, 100u}) {
    SCOPED_TRACE(limit);
    BoundedRing<std::unique_ptr<int>> ring(limit);
    for (size_t i = 0; i < limit; ++i) EXPECT_TRUE(ring.PushBack(std::make_unique<int>(i)));
    EXPECT_TRUE(ring.full());
    auto refused = std::make_unique<int>(-1);
    EXPECT_FALSE(ring.PushBack(std::move(refused)));
    EXPECT_NE(refused, nullptr);
    EXPECT_EQ(ring.size(), limit);
    for (size_t i = 0; i < limit; ++i) EXPECT_EQ(*ring.PopFront(), static_cast<int>(i));
    EXPECT_TRUE(ring.empty());
  }
}

TEST(BoundedRing, UnlimitedIsTheHighestLimit) {
  EXPECT_EQ(BoundedRing<char>(~size_t{0}).limit(), BoundedRing<char>::kUnlimited);
}

TEST(BoundedRing, PushesACopyOfItsOwnElementWhileGrowing) {
  BoundedRing<std::string> ring;
  ASSERT_TRUE(ring.PushBack(std::string(40, 'x')));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(ring.PushBack(ring.front()));
  for (size_t i = 0; i < ring.size(); ++i) ASSERT_EQ(ring[i], std::string(40, 'x'));
}

TEST(BoundedRing, ShrinksOnlyWhenEmpty) {
  BoundedRing<int> ring;
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(ring.PushBack(i));
  EXPECT_EQ(ring.capacity(), 16u);
  ring.ShrinkIfEmpty();
  EXPECT_EQ(ring.capacity(), 16u);
  EXPECT_EQ(ring.back(), 9);
  ring.clear();
  EXPECT_EQ(ring.capacity(), 16u);
  ring.ShrinkIfEmpty();
  EXPECT_EQ(ring.capacity(), 0u);
  EXPECT_TRUE(ring.PushBack(1));
}

TEST(BoundedRing, LowerLimitDropsNothing) {
  BoundedRing<int> ring(4);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(ring.PushBack(i));
  ring.set_limit(2);
  EXPECT_EQ(ring.size(), 4u);
  EXPECT_FALSE(ring.PushBack(4));
  EXPECT_EQ(ring.PopFront(), 0);
  EXPECT_EQ(ring.PopFront(), 1);
  EXPECT_FALSE(ring.PushBack(4));
  EXPECT_EQ(ring.PopFront(), 2);
  EXPECT_TRUE(ring.PushBack(4));
}

TEST(BoundedRing, MovesAndFreesItsElements) {
  auto watched = std::make_shared<int>(7);
  {
    BoundedRing<std::shared_ptr<int>> ring;
    for (int i = 0; i < 6; ++i) ASSERT_TRUE(ring.PushBack(watched));
    BoundedRing<std::shared_ptr<int>> moved = std::move(ring);
    BoundedRing<std::shared_ptr<int>> assigned;
    ASSERT_TRUE(assigned.PushBack(watched));
    assigned = std::move(moved);
    EXPECT_EQ(assigned.size(), 6u);
    EXPECT_EQ(watched.use_count(), 7);
    assigned.PopBack();
    EXPECT_EQ(watched.use_count(), 6);
    assigned.clear();
    EXPECT_EQ(watched.use_count(), 1);
    ASSERT_TRUE(assigned.PushBack(watched));
  }
  EXPECT_EQ(watched.use_count(), 1);
}

TEST(BoundedRing, BehavesLikeADeque) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  BoundedRing<std::string> ring(50);
  std::deque<std::string> expected;
  for (int step = 0; step < 20000; ++step) {
    switch (random() % 8) {
      case 0:
        if (expected.empty()) break;
        ASSERT_EQ(ring.PopBack(), expected.back());
        expected.pop_back();
        break;
      case 1:
      case 2:
      case 3:
        if (expected.empty()) break;
        ASSERT_EQ(ring.PopFront(), expected.front());
        expected.pop_front();
        break;
      default:
        ASSERT_EQ(ring.PushBack(std::to_string(step)), expected.size() < 50);
        if (expected.size() < 50) expected.push_back(std::to_string(step));
    }
    if (random() % 512 == 0) ring.clear(), expected.clear();
    if (random() % 64 == 0) ring.ShrinkIfEmpty();
    ASSERT_EQ(ring.size(), expected.size());
    for (size_t i = 0; i < ring.size(); ++i) ASSERT_EQ(ring[i], expected[i]);
  }
}

}  // namespace
}  // namespace esockets::base
