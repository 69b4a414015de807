#include "broker/permissions/permission_rule.h"

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

TEST(PermissionRule, ActionsHaveNames) {
  for (int i = 0; i < kActions; ++i) {
    const auto action = static_cast<Action>(i);
    Action parsed = action == Action::kPublish ? Action::kAdmin : Action::kPublish;
    EXPECT_TRUE(ParseAction(ActionText(action), &parsed));
    EXPECT_EQ(parsed, action);
  }
  Action untouched = Action::kStream;
  EXPECT_FALSE(ParseAction("publish", &untouched));
  EXPECT_EQ(untouched, Action::kStream);
}

TEST(PermissionRule, ASetHasWhatWasAdded) {
  const ActionSet set{Action::kPublish, Action::kAdmin};
  EXPECT_TRUE(set.Contains(Action::kPublish));
  EXPECT_TRUE(set.Contains(Action::kAdmin));
  EXPECT_FALSE(set.Contains(Action::kSubscribe));
  EXPECT_TRUE(ActionSet().empty());
}

}  // namespace
}  // namespace esockets::broker
