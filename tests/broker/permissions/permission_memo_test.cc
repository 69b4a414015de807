#include "broker/permissions/permission_memo.h"

#include <memory>
#include <string>
#include <vector>

#include "base/strings.h"
#include "broker/permissions/permission_rule.h"
#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

PermissionSet SetOf(const std::string& filter) {
  PermissionRule rule;
  rule.actions = {Action::kPublish};
  rule.topics = {filter};
  auto rules = std::make_shared<const std::vector<PermissionRule>>(1, rule);
  std::vector<PermissionSet::Entry> entries = {{&rules->front(), rule.topics}};
  return {std::move(rules), std::move(entries)};
}

// More topics than it has room for, again and again, of several sets and actions.
TEST(PermissionMemo, SaysWhatTheSetSays) {
  const PermissionSet even = SetOf("+/even"), odd = SetOf("+/odd");
  PermissionMemo memo;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 1000; ++i) {
      const std::string topic = base::StrCat(i, i % 2 == 0 ? "/even" : "/odd");
      EXPECT_EQ(memo.Allows(even, Action::kPublish, topic), i % 2 == 0);
      EXPECT_EQ(memo.Allows(odd, Action::kPublish, topic), i % 2 == 1);
      EXPECT_FALSE(memo.Allows(odd, Action::kRequest, topic));
    }
  }
}

TEST(PermissionMemo, LongTopicsAreLookedAtEachTime) {
  const PermissionSet even = SetOf("+/even");
  PermissionMemo memo;
  for (int round = 0; round < 2; ++round) {
    EXPECT_TRUE(memo.Allows(even, Action::kPublish, std::string(1000, 'x') + "/even"));
    EXPECT_FALSE(memo.Allows(even, Action::kPublish, std::string(1000, 'x') + "/odd"));
  }
}

}  // namespace
}  // namespace esockets::broker
