#include "base/ref_counted.h"

#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::base {
namespace {

struct Animal : RefCounted {
  explicit Animal(int* count) : lives(count) { ++*lives; }
  virtual ~Animal() { --*lives; }
  RefPtr<Animal> Self() { return RefPtr<Animal>(this); }
  int* lives;
};

struct Cat final : Animal {
  using Animal::Animal;
};

TEST(RefCounted, LivesAsLongAsSomebodyHoldsIt) {
  int lives = 0;
  RefPtr<Animal> first = MakeRefCounted<Cat>(&lives);
  RefPtr<Animal> second = first->Self();
  EXPECT_EQ(first, second);
  RefPtr<Animal> third = std::move(first);
  EXPECT_EQ(first, nullptr);  // NOLINT(bugprone-use-after-move): that it is empty is promised
  second = nullptr;
  EXPECT_EQ(lives, 1);
  third = third->Self();
  EXPECT_EQ(lives, 1);
  third = nullptr;
  EXPECT_EQ(lives, 0);
}

TEST(RefCounted, ReleasedIsHeldUntilAdopted) {
  int lives = 0;
  Animal* const held = MakeRefCounted<Animal>(&lives).Release();
  EXPECT_EQ(lives, 1);
  held->Self() = nullptr;
  EXPECT_EQ(lives, 1);
  RefPtr<Animal>::Adopt(held) = nullptr;
  EXPECT_EQ(lives, 0);
}

TEST(RefCounted, EmptyIsNobody) {
  const RefPtr<Animal> nobody;
  EXPECT_FALSE(nobody);
  EXPECT_EQ(nobody, nullptr);
  EXPECT_EQ(nobody, RefPtr<Animal>(nullptr));
}

TEST(RefCounted, ManyThreadsHoldAndLetGo) {
  int lives = 0;
  {
    const RefPtr<Animal> shared = MakeRefCounted<Animal>(&lives);
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([mine = shared] {
        for (int turn = 0; turn < 10'000; ++turn) {
          // The copy is the point. NOLINTNEXTLINE(performance-unnecessary-copy-initialization)
          const RefPtr<Animal> copy = mine;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(lives, 1);
  }
  EXPECT_EQ(lives, 0);
}

}  // namespace
}  // namespace esockets::base
