#include "broker/client_registry.h"

#include <array>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

// The registry never looks into a session.
std::array<char, 3> bodies;
Session* const kAnn = reinterpret_cast<Session*>(&bodies[0]);
Session* const kBob = reinterpret_cast<Session*>(&bodies[1]);
Session* const kEve = reinterpret_cast<Session*>(&bodies[2]);

TEST(ClientRegistry, FindsWhoIsConnectedOrConnecting) {
  ClientRegistry registry;
  registry.Add(7, kAnn);
  registry.AddConnecting(3, kBob);
  EXPECT_EQ(registry.Find(7), kAnn);
  EXPECT_EQ(registry.Find(3), kBob);
  EXPECT_EQ(registry.Find(5), nullptr);
  EXPECT_EQ(registry.size(), 1U) << "of those connected";
  registry.Add(3, kBob);
  EXPECT_EQ(registry.Find(3), kBob);
  EXPECT_EQ(registry.size(), 2U);
}

TEST(ClientRegistry, ListsInTheOrderOfComing) {
  ClientRegistry registry;
  registry.Add(7, kAnn);
  registry.Add(3, kBob);
  registry.Add(5, kEve);
  std::vector<Session*> sessions;
  for (const auto& [id, session] : registry.sessions()) sessions.push_back(session);
  EXPECT_EQ(sessions, (std::vector<Session*>{kBob, kEve, kAnn}));
}

TEST(ClientRegistry, ForgetsWhoLeft) {
  ClientRegistry registry;
  registry.Add(7, kAnn);
  registry.AddConnecting(8, kBob);
  registry.Remove(7);
  registry.Remove(8);
  EXPECT_EQ(registry.Find(7), nullptr);
  EXPECT_EQ(registry.Find(8), nullptr);
  EXPECT_EQ(registry.size(), 0U);
}

}  // namespace
}  // namespace esockets::broker
