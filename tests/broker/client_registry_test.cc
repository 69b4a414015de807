#include "broker/client_registry.h"

#include <array>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

// The registry never looks into a session.
std::array<char, 3> bodies;
Session* const kAnn = reinterpret_cast<Session*>(&bodies[0]);
Session* const kBob = reinterpret_cast<Session*>(&bodies[1]);
Session* const kEve = reinterpret_cast<Session*>(&bodies[2]);

TEST(ClientRegistry, FindsById) {
  ClientRegistry registry;
  registry.Add("ann", 7, kAnn);
  registry.Add("bob", 3, kBob);
  EXPECT_EQ(registry.Find("ann"), kAnn);
  EXPECT_EQ(registry.Find("bob"), kBob);
  EXPECT_EQ(registry.Find("eve"), nullptr);
  EXPECT_EQ(registry.size(), 2U);
}

TEST(ClientRegistry, ListsInTheOrderOfComing) {
  ClientRegistry registry;
  registry.Add("ann", 7, kAnn);
  registry.Add("bob", 3, kBob);
  registry.Add("eve", 5, kEve);
  std::vector<Session*> sessions;
  for (const auto& [id, session] : registry.sessions()) sessions.push_back(session);
  EXPECT_EQ(sessions, (std::vector<Session*>{kBob, kEve, kAnn}));
}

TEST(ClientRegistry, ForgetsWhoLeft) {
  ClientRegistry registry;
  registry.Add("ann", 7, kAnn);
  registry.Remove("ann", 7);
  EXPECT_EQ(registry.Find("ann"), nullptr);
  EXPECT_EQ(registry.size(), 0U);
  registry.Add("ann", 8, kBob);
  EXPECT_EQ(registry.Find("ann"), kBob);
}

}  // namespace
}  // namespace esockets::broker
