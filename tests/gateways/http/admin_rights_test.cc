#include "gateways/http/admin_rights.h"

#include <optional>
#include <string>
#include <vector>

#include "broker/permissions/permission_policy.h"
#include "broker/permissions/permission_rule.h"
#include "gtest/gtest.h"

namespace esockets::http {
namespace {

using broker::Action;
using broker::PermissionPolicy;
using broker::PermissionRule;

PermissionRule Rule(std::string name, std::string user, std::string topic, bool deny = false) {
  PermissionRule rule{.name = std::move(name)};
  rule.who.users = {std::move(user)};
  rule.actions.Add(Action::kAdmin);
  rule.topics = {std::move(topic)};
  rule.deny = deny;
  return rule;
}

TEST(AdminRightsTest, AdministratorsMayAskEverythingWhateverTheRules) {
  const PermissionPolicy policies[] = {
      PermissionPolicy(), PermissionPolicy({Rule("none", "ops", "$SYS/#", /*deny=*/true)})};
  for (const PermissionPolicy& policy : policies) {
    const AdminRights rights({.user = "ops", .admin = true}, policy);
    EXPECT_FALSE(rights.WhyNothing());
    EXPECT_FALSE(rights.WhyNot("$SYS/kick"));
    EXPECT_EQ(rights.user(), "ops");
  }
}

TEST(AdminRightsTest, OthersNothingWithoutARule) {
  const PermissionPolicy policy;
  const AdminRights rights({.user = "ann"}, policy);
  ASSERT_TRUE(rights.WhyNothing());
  EXPECT_EQ(rights.WhyNothing()->status, Status::kForbidden);
  EXPECT_NE(rights.WhyNothing()->body.find("ann is no administrator"), std::string::npos);
  EXPECT_TRUE(rights.WhyNot("$SYS/info"));
}

TEST(AdminRightsTest, OthersWhatARuleAllowsAndNoneDenies) {
  const PermissionPolicy policy(
      {Rule("look", "ann", "$SYS/+"), Rule("no kick", "ann", "$SYS/kick", /*deny=*/true)});
  const AdminRights ann({.user = "ann"}, policy);
  EXPECT_FALSE(ann.WhyNothing());
  EXPECT_FALSE(ann.WhyNot("$SYS/clients"));
  ASSERT_TRUE(ann.WhyNot("$SYS/kick"));
  EXPECT_EQ(ann.WhyNot("$SYS/kick")->status, Status::kForbidden);
  EXPECT_NE(ann.WhyNot("$SYS/kick")->body.find("ann has no permission to ADMIN $SYS/kick"),
            std::string::npos);
  EXPECT_TRUE(AdminRights({.user = "bob"}, policy).WhyNothing());
}

// Nobody has a client id here: what is allowed to one is not allowed, what is denied to one is.
TEST(AdminRightsTest, APlaceForAClientIdIsNeverFilled) {
  const PermissionPolicy policy({Rule("own", "ann", "$SYS/{client_id}")});
  EXPECT_TRUE(AdminRights({.user = "ann"}, policy).WhyNothing());
  const PermissionPolicy denies(
      {Rule("look", "ann", "$SYS/+"), Rule("not own", "ann", "$SYS/{client_id}", /*deny=*/true)});
  EXPECT_TRUE(AdminRights({.user = "ann"}, denies).WhyNothing());
}

}  // namespace
}  // namespace esockets::http
