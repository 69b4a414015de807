#include "broker/acl_view.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/client_permissions.h"
#include "broker/local_authenticator.h"
#include "broker/permissions/permission_policy.h"
#include "broker/permissions/permission_rule.h"
#include "gtest/gtest.h"
#include "proto/client_frame_decoder.h"
#include "proto/esockets.pb.h"

namespace esockets::broker {
namespace {

PermissionRule Rule(std::string name, ActionSet actions, std::vector<std::string> topics) {
  PermissionRule rule;
  rule.name = std::move(name);
  rule.actions = actions;
  rule.topics = std::move(topics);
  return rule;
}

Settings WithRules() {
  auto users = std::make_shared<LocalAuthenticator>();
  users->AddToken("ann", "secret", false);
  users->AddPassword("root", "secret", true);
  users->SetGroups("ann", {"staff"});
  std::vector<PermissionRule> rules = {
      Rule("chat", {Action::kPublish, Action::kSubscribe}, {"chat/#", "pay/#"}),
      Rule("no pay", {Action::kSubscribe}, {"pay/secret"}),
      Rule("staff", {Action::kPresence, Action::kAdmin}, {"chat/+", "$SYS/info"}),
      Rule("device", {Action::kPublish}, {"dev/{client_id}"}),
      Rule("tenant", {Action::kStream}, {"old/#"}),
      Rule("old", {Action::kSubscribe}, {"old/#", "new/#"})};
  rules[1].deny = true;
  rules[2].who.groups = {"staff"};
  rules[4].who.claims = {{"tenant", "acme"}};
  Settings settings;
  settings.authenticator = std::move(users);
  settings.permissions = std::make_shared<PermissionPolicy>(std::move(rules));
  return settings;
}

admin::AclRequest Request(std::string_view user, std::string_view action, std::string_view topic) {
  admin::AclRequest request;
  request.set_user(std::string(user));
  request.set_action(std::string(action));
  request.set_topic(std::string(topic));
  return request;
}

// "+RULE\HOLE" or "-RULE".
std::string Text(const admin::Acl& acl) {
  EXPECT_NE(acl.why(), "");
  return (acl.allowed() ? "+" : "-") + acl.rule() + (acl.hole().empty() ? "" : "\\" + acl.hole());
}

TEST(AclView, NamesTheRuleThatDecides) {
  const Settings settings = WithRules();
  const struct {
    std::string_view user, action, topic, answer;
  } kCases[] = {
      {"ann", "publish", "chat/1", "+chat"},
      {"ann", "subscribe", "chat/#", "+chat"},
      {"ann", "subscribe", "pay/#", "+chat\\no pay"},
      {"ann", "subscribe", "pay/secret", "-no pay"},
      {"ann", "subscribe", "#", "-"},
      {"ann", "request", "chat/1", "-"},
      {"ann", "presence", "chat/1", "+staff"},
      {"bob", "presence", "chat/1", "-"},
      {"ann", "subscribe", "$presence/chat/1", "+staff"},
      {"ann", "publish", "$presence/chat/1", "+staff"},
      {"ann", "admin", "$SYS/info", "+staff"},
      {"ann", "publish", "$SYS/info", "+staff"},
      {"ann", "request", "$SYS/kick", "-"},
      {"ann", "subscribe", "$SYS/#", "-"},
      {"root", "subscribe", "$SYS/#", "+"},
      {"root", "admin", "$SYS/kick", "+"},
      {"ann", "publish", "$INBOX/1/2", "+"},
      {"ann", "PUBLISH", "dev/7", "-"},
  };
  for (const auto& test : kCases) {
    const admin::AclRequest request = Request(test.user, test.action, test.topic);
    ASSERT_EQ(CheckAcl(request, settings), std::nullopt) << test.topic;
    EXPECT_EQ(Text(ExplainAcl(request, settings)), test.answer)
        << test.user << " " << test.action << " " << test.topic;
  }
}

TEST(AclView, WhoMayBeAnybody) {
  const Settings settings = WithRules();
  admin::AclRequest device = Request("bob", "publish", "dev/7");
  device.set_client_id("7");
  EXPECT_EQ(Text(ExplainAcl(device, settings)), "+device");
  admin::AclRequest stream = Request("bob", "stream", "old/+");
  EXPECT_EQ(Text(ExplainAcl(stream, settings)), "-");
  stream.add_claims("tenant=acme");
  EXPECT_EQ(Text(ExplainAcl(stream, settings)), "+tenant");
  admin::AclRequest staff = Request("bob", "presence", "chat/1");
  staff.add_groups("staff");
  const admin::Acl answer = ExplainAcl(staff, settings);
  EXPECT_EQ(Text(answer), "+staff");
  EXPECT_EQ(answer.user(), "bob");
  EXPECT_FALSE(answer.admin());
  ASSERT_EQ(answer.groups_size(), 1);
  EXPECT_EQ(answer.groups(0), "staff");
  EXPECT_TRUE(ExplainAcl(Request("root", "publish", "a"), settings).admin());
}

// What it says is what the broker does when a client of that user comes with the command.
TEST(AclView, SaysWhatIsDecided) {
  const Settings settings = WithRules();
  for (const std::string user : {"ann", "bob", "root"}) {
    const Identity identity = settings.authenticator->Describe(user);
    const auto set = settings.permissions->Compile(identity, "7");
    const ClientPermissions client(&identity, set.get(), nullptr);
    const auto said = [&](std::string_view action, std::string_view topic) {
      admin::AclRequest request = Request(user, action, topic);
      request.set_client_id("7");
      return ExplainAcl(request, settings).allowed();
    };
    for (const std::string_view topic :
         {"chat/1", "pay/secret", "dev/7", "dev/8", "old/1", "other", "$INBOX/1/2"}) {
      EXPECT_EQ(said("publish", topic), client.Permits(proto::PublishView{.topic = topic}));
      const proto::PublishView asking{.topic = topic, .reply_to = "$INBOX/1/2"};
      EXPECT_EQ(said("request", topic), client.Permits(asking));
      EXPECT_EQ(said("presence", topic), client.PermitsRosterOf(topic));
    }
    for (const std::string_view filter : {"chat/#", "pay/#", "pay/secret", "#", "old/#", "new/#",
                                          "$SYS/#", "$presence/chat/1", "$presence/pay/1"}) {
      EXPECT_EQ(said("subscribe", filter), client.Permits(proto::SubscribeView{.filter = filter}));
      if (filter.starts_with('$')) continue;  // no stream keeps it
      const proto::SubscribeView old{.filter = filter, .start = START_LAST};
      EXPECT_EQ(said("stream", filter), client.Permits(old)) << user << " " << filter;
    }
    for (const std::string_view topic : {"$SYS/info", "$SYS/kick"}) {
      EXPECT_EQ(said("admin", topic), client.PermitsAdministration(topic));
    }
  }
}

TEST(AclView, WithoutRulesEverythingButAdministration) {
  Settings settings = WithRules();
  settings.permissions = std::make_shared<PermissionPolicy>();
  EXPECT_EQ(Text(ExplainAcl(Request("ann", "publish", "x"), settings)), "+");
  EXPECT_EQ(Text(ExplainAcl(Request("ann", "subscribe", "#"), settings)), "+");
  EXPECT_EQ(Text(ExplainAcl(Request("ann", "admin", "$SYS/info"), settings)), "-");
  EXPECT_EQ(Text(ExplainAcl(Request("root", "admin", "$SYS/info"), settings)), "+");
}

TEST(AclView, WhatCannotBeAsked) {
  const Settings settings = WithRules();
  const auto why = [&settings](const admin::AclRequest& request) {
    const auto refusal = CheckAcl(request, settings);
    return refusal ? refusal->detail : std::string();
  };
  EXPECT_EQ(why(Request("ann", "fly", "a")),
            "action \"fly\" is none of publish, subscribe, presence, request, stream, admin");
  EXPECT_NE(why(Request("ann", "publish", "a/#")), "");
  EXPECT_NE(why(Request("ann", "subscribe", "a/#/b")), "");
  EXPECT_NE(why(Request("ann", "subscribe", "")), "");
  admin::AclRequest claim = Request("ann", "publish", "a");
  claim.add_claims("tenant");
  EXPECT_EQ(why(claim), "claims must be NAME=VALUE");
}

}  // namespace
}  // namespace esockets::broker
