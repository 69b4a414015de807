#include "broker/client_quota.h"

#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

TEST(ClientQuota, EachUserHasSoMany) {
  ClientQuota quota;
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

TEST(ClientQuota, WhoHasNoneIsForgotten) {
  ClientQuota quota;
  quota.Enter("ann", 1);
  EXPECT_EQ(quota.names(), 1U);
  quota.Leave("ann");
  EXPECT_EQ(quota.names(), 0U);
}

TEST(ClientQuota, SaysHowManyThereAre) {
  ClientQuota quota;
  EXPECT_EQ(quota.most(), 0U);
  for (const char* name : {"ann", "bob", "ann"}) quota.Enter(name, 0);
  EXPECT_EQ(quota.Of("ann"), 2U);
  EXPECT_EQ(quota.Of("carol"), 0U);
  EXPECT_EQ(quota.most(), 2U);
}

TEST(ClientQuota, OfAllLoopsTogether) {
  ClientQuota quota;
  std::vector<std::thread> loops;
  for (int loop = 0; loop < 4; ++loop) {
    loops.emplace_back([&quota] {
      for (int i = 0; i < 10'000; ++i) {
        if (quota.Enter("ann", 3)) quota.Leave("ann");
      }
    });
  }
  for (std::thread& loop : loops) loop.join();
  EXPECT_EQ(quota.names(), 0U);
}

}  // namespace
}  // namespace esockets::broker
