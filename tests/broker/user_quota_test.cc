#include "broker/user_quota.h"

#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

TEST(UserQuota, EachUserHasSoMany) {
  UserQuota quota;
  EXPECT_TRUE(quota.Enter("ann", 2));
  EXPECT_TRUE(quota.Enter("ann", 2));
  EXPECT_FALSE(quota.Enter("ann", 2));
  EXPECT_TRUE(quota.Enter("bob", 2));
  EXPECT_TRUE(quota.Enter("ann", 0)) << "no limit any more, and it is counted";
  quota.Leave("ann");
  EXPECT_FALSE(quota.Enter("ann", 2));
  quota.Leave("ann");
  EXPECT_TRUE(quota.Enter("ann", 2));
}

TEST(UserQuota, WhoHasNoneIsForgotten) {
  UserQuota quota;
  quota.Enter("ann", 1);
  EXPECT_EQ(quota.users(), 1U);
  quota.Leave("ann");
  EXPECT_EQ(quota.users(), 0U);
}

TEST(UserQuota, OfAllLoopsTogether) {
  UserQuota quota;
  std::vector<std::thread> loops;
  for (int loop = 0; loop < 4; ++loop) {
    loops.emplace_back([&quota] {
      for (int i = 0; i < 10'000; ++i) {
        if (quota.Enter("ann", 3)) quota.Leave("ann");
      }
    });
  }
  for (std::thread& loop : loops) loop.join();
  EXPECT_EQ(quota.users(), 0U);
}

}  // namespace
}  // namespace esockets::broker
