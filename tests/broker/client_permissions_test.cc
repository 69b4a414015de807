#include "broker/client_permissions.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/auth/identity.h"
#include "broker/permissions/permission_memo.h"
#include "broker/permissions/permission_rule.h"
#include "broker/permissions/permission_set.h"
#include "gtest/gtest.h"
#include "proto/client_frame_decoder.h"
#include "proto/esockets.pb.h"

namespace esockets::broker {
namespace {

PermissionSet SetOf(ActionSet actions, std::string filter) {
  PermissionRule rule;
  rule.actions = actions;
  rule.topics = {std::move(filter)};
  auto rules = std::make_shared<const std::vector<PermissionRule>>(1, rule);
  std::vector<PermissionSet::Entry> entries = {{&rules->front(), rule.topics}};
  return {std::move(rules), std::move(entries)};
}

class ClientPermissionsTest : public testing::Test {
 protected:
  bool May(const PermissionSet& set, const proto::SubscribeView& subscribe) {
    return ClientPermissions(&identity_, &set, &memo_).Permits(subscribe);
  }
  bool May(const PermissionSet& set, const proto::PublishView& publish) {
    return ClientPermissions(&identity_, &set, &memo_).Permits(publish);
  }
  Identity identity_;
  PermissionMemo memo_;
};

TEST_F(ClientPermissionsTest, WithoutASetEverythingButAdministration) {
  const ClientPermissions open(&identity_, nullptr, &memo_);
  EXPECT_TRUE(open.Permits(proto::SubscribeView{.filter = "#"}));
  EXPECT_TRUE(open.Permits(proto::PublishView{.topic = "a"}));
  EXPECT_TRUE(open.PermitsPublishTo("a"));
  EXPECT_TRUE(open.PermitsRosterOf("a"));
  EXPECT_FALSE(open.PermitsAdministration("$SYS/info"));
  EXPECT_FALSE(open.Permits(proto::SubscribeView{.filter = "$SYS/#"}));
  identity_.admin = true;
  EXPECT_TRUE(open.PermitsAdministration("$SYS/info"));
}

TEST_F(ClientPermissionsTest, WhatASubscribeNeeds) {
  const PermissionSet sub = SetOf({Action::kSubscribe}, "a/#");
  const PermissionSet stream = SetOf({Action::kSubscribe, Action::kStream}, "a/#");
  const PermissionSet presence = SetOf({Action::kPresence}, "a/#");
  EXPECT_TRUE(May(sub, proto::SubscribeView{.filter = "a/+"}));
  EXPECT_TRUE(May(sub, proto::SubscribeView{.filter = "a/+", .group = "g"}));
  EXPECT_FALSE(May(sub, proto::SubscribeView{.filter = "+/a"}));
  const proto::SubscribeView old{.filter = "a/+", .start = START_LAST};
  EXPECT_FALSE(May(sub, old));
  EXPECT_TRUE(May(stream, old));
  EXPECT_FALSE(May(sub, proto::SubscribeView{.filter = "$presence/a/1"}));
  EXPECT_TRUE(May(presence, proto::SubscribeView{.filter = "$presence/a/1"}));
}

TEST_F(ClientPermissionsTest, WhatIsDeniedInsideOfAFilterIsAHole) {
  auto rules = std::make_shared<std::vector<PermissionRule>>(3);
  (*rules)[0].actions = {Action::kSubscribe, Action::kStream};
  (*rules)[1].actions = {Action::kSubscribe};
  (*rules)[1].name = "no pay";
  (*rules)[2].actions = {Action::kStream};
  (*rules)[1].deny = (*rules)[2].deny = true;
  std::vector<PermissionSet::Entry> entries = {
      {&(*rules)[0], {"#"}}, {&(*rules)[1], {"pay/#"}}, {&(*rules)[2], {"old/+"}}};
  const PermissionSet set(std::move(rules), std::move(entries));
  const ClientPermissions some(&identity_, &set, &memo_);
  const auto of = [&some](std::string_view filter, uint32_t start = START_NOW,
                          std::string_view group = {}) {
    return some.Of(proto::SubscribeView{.filter = filter, .group = group, .start = start});
  };
  EXPECT_EQ(of("a/#"), Grant::kAll);
  EXPECT_EQ(of("#"), Grant::kWithHoles);
  EXPECT_EQ(of("pay/+"), Grant::kNothing);
  EXPECT_EQ(of("#", START_NOW, "g"), Grant::kNothing);
  EXPECT_EQ(of("old/#"), Grant::kAll);
  EXPECT_EQ(of("old/#", START_LAST), Grant::kWithHoles);
  EXPECT_FALSE(some.HidesSome("old/#", false));
  EXPECT_TRUE(some.HidesSome("old/#", true));
  EXPECT_TRUE(some.HidesSome("#", false));
  EXPECT_TRUE(some.Hides("pay/1", false));
  EXPECT_FALSE(some.Hides("old/1", false));
  EXPECT_TRUE(some.Hides("old/1", true));
  EXPECT_EQ(some.RuleThatHides("pay/1"), "no pay");
  EXPECT_EQ(some.RuleThatHides("a"), "");
  EXPECT_FALSE(ClientPermissions::Everything().HidesSome("#", true));
  EXPECT_FALSE(ClientPermissions::Everything().Hides("pay/1", true));
}

TEST_F(ClientPermissionsTest, WhatAPublishNeeds) {
  const PermissionSet pub = SetOf({Action::kPublish}, "a/#");
  const PermissionSet request = SetOf({Action::kRequest}, "a/#");
  EXPECT_TRUE(May(pub, proto::PublishView{.topic = "a/1"}));
  EXPECT_FALSE(May(request, proto::PublishView{.topic = "a/1"}));
  EXPECT_FALSE(May(pub, proto::PublishView{.topic = "b"}));
  const proto::PublishView asking{.topic = "a/1", .reply_to = "$INBOX/1/2"};
  EXPECT_FALSE(May(pub, asking));
  EXPECT_TRUE(May(request, asking));
  EXPECT_FALSE(May(request, proto::PublishView{.topic = "a/1", .reply_to = "a/2"}));
  EXPECT_TRUE(May(request, proto::PublishView{.topic = "$INBOX/1/2"})) << "an answer";
}

TEST_F(ClientPermissionsTest, AdministrationByRule) {
  const PermissionSet info = SetOf({Action::kAdmin}, "$SYS/info");
  const ClientPermissions some(&identity_, &info, &memo_);
  EXPECT_TRUE(some.PermitsAdministration("$SYS/info"));
  EXPECT_FALSE(some.PermitsAdministration("$SYS/kick"));
}

}  // namespace
}  // namespace esockets::broker
