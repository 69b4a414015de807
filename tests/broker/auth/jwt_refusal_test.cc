#include "broker/auth/jwt_refusal.h"

#include <set>

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

TEST(JwtRefusals, TableIsOrderedNamedAndFound) {
  std::set<std::string_view> names;
  size_t number = 0;
  for (const JwtRefusalInfo& info : AllJwtRefusals()) {
    SCOPED_TRACE(info.name);
    EXPECT_EQ(static_cast<size_t>(info.refusal), number++);
    EXPECT_EQ(&Info(info.refusal), &info);
    EXPECT_TRUE(names.insert(info.name).second);
    EXPECT_EQ(info.name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_"), std::string_view::npos);
    ASSERT_FALSE(info.text.empty());
    EXPECT_NE(info.text.back(), '.') << "text continues with \": advice\"";
    ASSERT_FALSE(info.advice.empty());
    EXPECT_EQ(info.advice.back(), '.') << "advice is a sentence";
  }
  EXPECT_EQ(number, static_cast<size_t>(JwtRefusal::kGroupsInvalid) + 1) << "one is not told of";
}

}  // namespace
}  // namespace esockets::broker
