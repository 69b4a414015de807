#include "broker/settings_change.h"

#include <memory>
#include <vector>

#include "broker/permissions/permission_policy.h"
#include "gtest/gtest.h"
#include "tests/support/sim_client.h"

namespace esockets::broker {
namespace {

PermissionRule NothingButA() {
  PermissionRule rule;
  rule.actions = {Action::kSubscribe};
  rule.topics = {"a"};
  return rule;
}

TEST(SettingsChange, EverySessionHearsOfIt) {
  tests::SimBroker broker;
  broker.executor.AssertOnLoop();
  tests::SimClient ann(&broker, "ann"), bob(&broker, "bob");
  for (tests::SimClient* client : {&ann, &bob}) {
    client->Subscribe("a");
    client->Subscribe("b");
  }
  broker.Turn();
  Settings settings;
  settings.limits.subscriptions_max = 1;
  settings.permissions =
      std::make_shared<PermissionPolicy>(std::vector<PermissionRule>{NothingButA()});
  ReplaceSettings(&broker.shard, settings);
  EXPECT_EQ(broker.shard.limits().subscriptions_max, 1U);
  for (tests::SimClient* client : {&ann, &bob}) {
    EXPECT_EQ(client->session().subscription_count(), 1U);
  }
  EXPECT_EQ(broker.shard.metrics.subscriptions.value(), 2U);
}

}  // namespace
}  // namespace esockets::broker
