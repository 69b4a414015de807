#include "app/plan_permissions.h"

#include <string>
#include <string_view>

#include "base/strings.h"
#include "broker/auth/identity.h"
#include "broker/permissions/permission_set.h"
#include "gtest/gtest.h"

namespace esockets::app {
namespace {

using broker::Action;

absl::StatusOr<std::shared_ptr<const broker::PermissionPolicy>> PolicyOf(std::string_view text) {
  const absl::StatusOr<LoadedConfig> loaded = ParseConfig(text, "b.textproto");
  EXPECT_TRUE(loaded.ok()) << loaded.status();
  return PlanPermissions(loaded->config, loaded->places);
}

TEST(PlanPermissions, RulesAreTakenAsTheyStand) {
  const auto policy = PolicyOf(R"(
      permission { name: "own" users: "ann" actions: "PUBLISH" actions: "SUBSCRIBE"
                   topics: "own/{user}/#" }
      permission { name: "acme" claims: "tenant=acme" actions: "SUBSCRIBE" topics: "acme/+"
                   literal_only: true max_depth: 2 }
      permission { name: "not" groups: "guests" actions: "PUBLISH" topics: "#" deny: true })");
  ASSERT_TRUE(policy.ok()) << policy.status();
  broker::Identity ann{.user = "ann", .claims = {{"tenant", "acme"}}};
  auto set = (*policy)->Compile(ann, "c");
  EXPECT_EQ(set->Check(Action::kPublish, "own/ann/1").rule->name, "own");
  EXPECT_TRUE(set->CheckFilter(Action::kSubscribe, "acme/1").allowed);
  EXPECT_FALSE(set->CheckFilter(Action::kSubscribe, "acme/+").allowed);
  ann.groups = {"guests"};
  set = (*policy)->Compile(ann, "c");
  EXPECT_EQ(set->Check(Action::kPublish, "own/ann/1").rule->name, "not");
}

TEST(PlanPermissions, MistakesHaveTheirPlace) {
  const struct {
    std::string_view text, why;
  } kCases[] = {
      {"permission { actions: \"PUBLISH\" topics: \"a\" }", "permission[0]: has no name"},
      {"permission { name: \"a\" topics: \"a\" }",
       "permission[0].actions: is missing: what is it about?"},
      {"permission { name: \"a\" actions: \"PUBLISH\" }",
       "permission[0].topics: is missing: what is it for?"},
      {"permission { name: \"a\" actions: \"WRITE\" topics: \"a\" }",
       "permission[0].actions[0]: must be PUBLISH, SUBSCRIBE, PRESENCE, REQUEST, STREAM or ADMIN"},
      {"permission { name: \"a\" actions: \"PUBLISH\" topics: \"a/{name}\" }",
       "permission[0].topics[0]: {name} is none of {user}, {client_id} and {claims.NAME}"},
      {"permission { name: \"a\" claims: \"x\" actions: \"PUBLISH\" topics: \"a\" }",
       "permission[0].claims[0]: must be NAME=VALUE"},
      {"permission { name: \"a\" actions: \"PUBLISH\" topics: \"a\" deny: true max_depth: 1 }",
       "permission[0].deny: goes with neither literal_only nor max_depth"},
      {"permission { name: \"a\" actions: \"PUBLISH\" topics: \"a\" }"
       "permission { name: \"a\" actions: \"PUBLISH\" topics: \"a\" }",
       "permission[1].name: is another rule's already"},
  };
  for (const auto& test : kCases) {
    const auto policy = PolicyOf(test.text);
    ASSERT_FALSE(policy.ok()) << test.text;
    EXPECT_NE(base::Message(policy.status()).find(test.why), std::string_view::npos)
        << policy.status();
  }
}

}  // namespace
}  // namespace esockets::app
