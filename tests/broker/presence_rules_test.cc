#include "broker/presence_rules.h"

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

TEST(PresenceRules, AreOfWhatTheirFiltersMatch) {
  const PresenceRules rules({{.filter = "room/+"}, {.filter = "game/#"}});
  EXPECT_FALSE(rules.empty());
  ASSERT_NE(rules.Of("room/1"), nullptr);
  EXPECT_EQ(rules.Of("room/1")->filter, "room/+");
  EXPECT_EQ(rules.Of("game/a/b")->filter, "game/#");
  EXPECT_EQ(rules.Of("room/1/2"), nullptr);
  EXPECT_EQ(rules.Of("$presence/room/1"), nullptr);
  EXPECT_TRUE(PresenceRules({}).empty());
}

TEST(PresenceRules, KnowTheirWords) {
  for (const auto visibility :
       {PresenceVisibility::kMembers, PresenceVisibility::kAnybody, PresenceVisibility::kAdmins}) {
    PresenceVisibility parsed{};
    EXPECT_TRUE(ParsePresenceVisibility(PresenceVisibilityText(visibility), &parsed));
    EXPECT_EQ(parsed, visibility);
  }
  PresenceVisibility stays = PresenceVisibility::kAdmins;
  EXPECT_FALSE(ParsePresenceVisibility("members", &stays));
  EXPECT_EQ(stays, PresenceVisibility::kAdmins);
}

TEST(PresenceRules, KnowTheirTopics) {
  EXPECT_TRUE(IsPresence("$presence"));
  EXPECT_TRUE(IsPresence("$presence/a/b"));
  EXPECT_FALSE(IsPresence("$presences/a"));
  EXPECT_FALSE(IsPresence("presence/a"));
  EXPECT_EQ(PresentTopic("$presence/a/b"), "a/b");
}

}  // namespace
}  // namespace esockets::broker
