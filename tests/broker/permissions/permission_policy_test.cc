#include "broker/permissions/permission_policy.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

PermissionRule Rule(std::string name, std::vector<std::string> topics) {
  PermissionRule rule;
  rule.name = std::move(name);
  rule.topics = std::move(topics);
  rule.actions = {Action::kPublish};
  return rule;
}

bool May(const PermissionPolicy& policy, const Identity& identity, std::string_view topic,
         std::string_view client_id = "c") {
  return policy.Compile(identity, client_id)->Check(Action::kPublish, topic).allowed;
}

TEST(PermissionPolicy, WithoutRulesThereIsNothingToCheck) {
  EXPECT_EQ(PermissionPolicy().Compile({.user = "ann"}, "c"), nullptr);
}

TEST(PermissionPolicy, RulesAreForUsersGroupsAndClaims) {
  PermissionRule users = Rule("users", {"u"});
  users.who.users = {"ann", "bob"};
  PermissionRule groups = Rule("groups", {"g"});
  groups.who.groups = {"ops"};
  PermissionRule claims = Rule("claims", {"c"});
  claims.who.claims = {{"tenant", "acme"}, {"tenant", "evil"}};
  PermissionRule both = Rule("both", {"b"});
  both.who.users = {"ann"};
  both.who.groups = {"ops"};
  const PermissionPolicy policy({users, groups, claims, both, Rule("all", {"a"})});
  const Identity nobody{};
  const Identity ann{.user = "ann"};
  const Identity ops{.user = "eve", .groups = {"x", "ops"}};
  const Identity acme{.user = "eve", .claims = {{"tenant", "acme"}}};
  const Identity ann_of_ops{.user = "ann", .groups = {"ops"}};
  const struct {
    const Identity& who;
    std::string may;
  } kCases[] = {{nobody, "a"}, {ann, "au"}, {ops, "ag"}, {acme, "ac"}, {ann_of_ops, "abgu"}};
  for (const auto& test : kCases) {
    std::string may;
    for (const char* topic : {"a", "b", "c", "g", "u"}) {
      if (May(policy, test.who, topic)) may += topic;
    }
    EXPECT_EQ(may, test.may);
  }
}

TEST(PermissionPolicy, PlacesAreTheClientsOwn) {
  const PermissionPolicy policy(
      {Rule("own", {"u/{user}/#", "d/{client_id}", "t/{claims.tenant}"})});
  const Identity ann{.user = "ann", .claims = {{"tenant", "acme"}}};
  EXPECT_TRUE(May(policy, ann, "u/ann/1"));
  EXPECT_FALSE(May(policy, ann, "u/bob/1"));
  EXPECT_TRUE(May(policy, ann, "d/phone", "phone"));
  EXPECT_FALSE(May(policy, ann, "d/laptop", "phone"));
  EXPECT_TRUE(May(policy, ann, "t/acme"));
  EXPECT_FALSE(May(policy, {.user = "#"}, "u/bob/1"));
  EXPECT_FALSE(May(policy, {.user = ""}, "u//1"));
}

TEST(PermissionPolicy, OneThatDeniesHoldsWhateverTheNameIs) {
  PermissionRule deny = Rule("deny", {"u/{user}/secret"});
  deny.deny = true;
  const PermissionPolicy policy({Rule("all", {"#"}), deny});
  EXPECT_FALSE(May(policy, {.user = "ann"}, "u/ann/secret"));
  EXPECT_TRUE(May(policy, {.user = "ann"}, "u/bob/secret"));
  EXPECT_FALSE(May(policy, {.user = "a/b"}, "u/bob/secret"));
}

TEST(PermissionPolicy, ClientsWithTheSameRulesShareThem) {
  PermissionRule own = Rule("own", {"u/{user}"});
  own.who.groups = {"own"};
  const PermissionPolicy policy({Rule("all", {"a"}), own});
  const auto ann = policy.Compile({.user = "ann"}, "1");
  EXPECT_EQ(policy.Compile({.user = "bob"}, "2"), ann);
  const Identity with_own{.user = "ann", .groups = {"own"}};
  EXPECT_NE(policy.Compile(with_own, "1"), policy.Compile(with_own, "1"));
}

}  // namespace
}  // namespace esockets::broker
