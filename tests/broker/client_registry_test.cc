#include "broker/client_registry.h"

#include <cstdint>
#include <set>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

class NumberedSession {
 public:
  explicit NumberedSession(uint64_t number) : number_(number) {}
  uint64_t id() const { return number_; }

 private:
  const uint64_t number_;
};

class ClientRegistryTest : public testing::Test {
 protected:
  NumberedSession ann{7}, bob{3}, eve{5};
  ClientRegistry<NumberedSession> registry;
};

TEST_F(ClientRegistryTest, FindsWhoIsConnectedOrConnecting) {
  registry.Add(&ann);
  registry.AddConnecting(&bob);
  EXPECT_EQ(registry.Find(7), &ann);
  EXPECT_EQ(registry.Find(3), &bob);
  EXPECT_EQ(registry.Find(5), nullptr);
  EXPECT_EQ(registry.size(), 1U) << "of those connected";
  registry.Add(&bob);
  EXPECT_EQ(registry.Find(3), &bob);
  EXPECT_EQ(registry.size(), 2U);
}

TEST_F(ClientRegistryTest, ListsInTheOrderOfComing) {
  registry.Add(&ann);
  registry.Add(&bob);
  registry.Add(&eve);
  const std::vector<NumberedSession*> sessions(registry.sessions().begin(),
                                               registry.sessions().end());
  EXPECT_EQ(sessions, (std::vector<NumberedSession*>{&bob, &eve, &ann}));
  EXPECT_EQ(*registry.sessions().upper_bound(uint64_t{5}), &ann) << "the next page";
}

TEST_F(ClientRegistryTest, AllAreThoseAndThoseOnTheirWay) {
  registry.Add(&ann);
  registry.AddConnecting(&bob);
  registry.Add(&eve);
  const std::vector<NumberedSession*> all = registry.All();
  EXPECT_EQ(std::set(all.begin(), all.end()), (std::set<NumberedSession*>{&ann, &bob, &eve}));
}

TEST_F(ClientRegistryTest, ForgetsWhoLeft) {
  registry.Add(&ann);
  registry.AddConnecting(&bob);
  registry.Remove(&ann);
  registry.Remove(&bob);
  registry.Remove(&eve);  // never came
  EXPECT_EQ(registry.Find(7), nullptr);
  EXPECT_EQ(registry.Find(3), nullptr);
  EXPECT_EQ(registry.size(), 0U);
}

}  // namespace
}  // namespace esockets::broker
