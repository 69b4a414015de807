#include "broker/permissions/permission_set.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

PermissionRule Rule(std::string name, std::vector<std::string> topics, bool deny = false) {
  PermissionRule rule;
  rule.name = std::move(name);
  rule.topics = std::move(topics);
  rule.actions = {Action::kPublish, Action::kSubscribe};
  rule.deny = deny;
  return rule;
}

PermissionSet SetOf(std::vector<PermissionRule> rules) {
  auto kept = std::make_shared<const std::vector<PermissionRule>>(std::move(rules));
  std::vector<PermissionSet::Entry> entries;
  for (const PermissionRule& rule : *kept) entries.push_back({&rule, rule.topics});
  return {std::move(kept), std::move(entries)};
}

// "+NAME": allowed by it; "-NAME": denied by it; "-": nothing allows it. With "\\NAME" if that
// takes some of it out.
std::string Text(const Decision& decision) {
  return (decision.allowed ? "+" : "-") + (decision.rule ? decision.rule->name : "") +
         (decision.hole ? "\\" + decision.hole->name : "");
}

TEST(PermissionSet, WhatNoRuleAllowsIsNot) {
  const PermissionSet set = SetOf({Rule("chat", {"chat/#", "news"})});
  EXPECT_EQ(Text(set.Check(Action::kPublish, "chat/1")), "+chat");
  EXPECT_EQ(Text(set.Check(Action::kPublish, "news")), "+chat");
  EXPECT_EQ(Text(set.Check(Action::kPublish, "secret")), "-");
  EXPECT_EQ(Text(set.Check(Action::kAdmin, "chat/1")), "-") << "another action";
  EXPECT_EQ(Text(SetOf({}).Check(Action::kPublish, "chat/1")), "-");
}

TEST(PermissionSet, WhoDeniesCountsMoreWhereverItStands) {
  for (const bool first : {true, false}) {
    std::vector<PermissionRule> rules = {Rule("all", {"#"}), Rule("not", {"chat/admins/#"}, true)};
    if (first) std::swap(rules[0], rules[1]);
    const PermissionSet set = SetOf(std::move(rules));
    EXPECT_EQ(Text(set.Check(Action::kPublish, "chat/admins/1")), "-not");
    EXPECT_EQ(Text(set.Check(Action::kPublish, "chat/1")), "+all");
    EXPECT_EQ(Text(set.CheckFilter(Action::kSubscribe, "chat/admins/+")), "-not");
  }
}

// A wildcard cannot read what its literal may not.
TEST(PermissionSet, OneRuleAllowsAllOfAFilterAndOthersMayTakeSomeOut) {
  const PermissionSet set =
      SetOf({Rule("rooms", {"room/+", "room/+/chat/#"}), Rule("not", {"room/7"}, true),
             Rule("nor", {"+/8", "room/+/chat/secret"}, true)});
  const struct {
    std::string_view filter, decision;
  } kCases[] = {
      {"room/1", "+rooms"},
      {"room/7", "-not"},
      {"room/8", "-nor"},
      {"room/+", "+rooms\\not"},
      {"#", "-"},
      {"+/7", "-"},
      {"+/8", "-nor"},
      {"room/#", "-"},
      {"room/+/chat/#", "+rooms\\nor"},
      {"room/7/chat", "+rooms"},
      {"room/+/chat/+", "+rooms\\nor"},
      {"room/+/chat/secret", "-nor"},
      {"room/+/chat/+/old", "+rooms"},
      {"room/+/+", "-"},
      {"other", "-"},
      {"+/1/chat", "-"},
  };
  for (const auto& test : kCases) {
    EXPECT_EQ(Text(set.CheckFilter(Action::kSubscribe, test.filter)), test.decision) << test.filter;
  }
}

TEST(PermissionSet, TopicsOfTheBrokerAreNotBelowAWildcard) {
  const PermissionSet set = SetOf({Rule("all", {"#"})});
  EXPECT_EQ(Text(set.CheckFilter(Action::kSubscribe, "$SYS/#")), "-");
  EXPECT_EQ(Text(set.Check(Action::kSubscribe, "$SYS/clients")), "-");
}

TEST(PermissionSet, LiteralOnlyAndDepthBoundWhatOneAllows) {
  PermissionRule literal = Rule("literal", {"a/#"});
  literal.literal_only = true;
  PermissionRule shallow = Rule("shallow", {"b/#"});
  shallow.max_depth = 2;
  const PermissionSet set = SetOf({literal, shallow});
  EXPECT_EQ(Text(set.CheckFilter(Action::kSubscribe, "a/1/2/3")), "+literal");
  EXPECT_EQ(Text(set.CheckFilter(Action::kSubscribe, "a/+")), "-");
  EXPECT_EQ(Text(set.CheckFilter(Action::kSubscribe, "a/#")), "-");
  EXPECT_EQ(Text(set.CheckFilter(Action::kSubscribe, "b/+")), "+shallow");
  EXPECT_EQ(Text(set.CheckFilter(Action::kSubscribe, "b/#")), "-") << "it is as deep as they come";
  EXPECT_EQ(Text(set.Check(Action::kPublish, "b/1")), "+shallow");
  EXPECT_EQ(Text(set.Check(Action::kPublish, "b/1/2")), "-");
}

TEST(PermissionSet, NoTwoHaveTheSameId) { EXPECT_NE(SetOf({}).id(), SetOf({}).id()); }

}  // namespace
}  // namespace esockets::broker
