#include "broker/permissions/topic_pattern.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

TEST(TopicPattern, WhatIsNoneSaysWhy) {
  const struct {
    std::string_view pattern, why;
  } kCases[] = {
      {"a/{user}/#", ""},
      {"{client_id}", ""},
      {"a/x-{claims.tenant}-{user}/+", ""},
      {"a/#", ""},
      {"a/{group}/b", "{group} is none of {user}, {client_id} and {claims.NAME}"},
      {"a/{claims.}", "{claims.} is none of {user}, {client_id} and {claims.NAME}"},
      {"a/{user", "a brace stands alone"},
      {"a/user}", "a brace stands alone"},
      {"a/#/{user}", "in a filter + fills a whole level, and # the whole last level"},
      {"", "is empty"},
  };
  for (const auto& test : kCases) {
    const std::string why = WhyNoPattern(test.pattern);
    EXPECT_EQ(why.empty(), test.why.empty()) << test.pattern << ": " << why;
    if (test.pattern.find('{') != std::string_view::npos && !test.why.starts_with("in a filter")) {
      EXPECT_EQ(why, test.why) << test.pattern;
    }
  }
}

std::optional<std::string> FillWith(std::string_view pattern, const std::string& user) {
  const std::map<std::string, std::string, std::less<>> values = {
      {"user", user}, {"client_id", "phone"}, {"claims.tenant", "acme"}};
  return Fill(pattern, [&](std::string_view place) -> std::optional<std::string> {
    const auto found = values.find(place);
    if (found == values.end()) return std::nullopt;
    return found->second;
  });
}

TEST(TopicPattern, PlacesAreFilled) {
  EXPECT_EQ(FillWith("a/{user}/#", "ann"), "a/ann/#");
  EXPECT_EQ(FillWith("{claims.tenant}/{user}-{client_id}", "ann"), "acme/ann-phone");
  EXPECT_EQ(FillWith("a/b", "ann"), "a/b");
  EXPECT_EQ(FillWith("a/{user}", "{client_id}"), "a/{client_id}") << "once";
}

// A user named "#" is not everybody.
TEST(TopicPattern, AValueThatWouldChangeTheMeaningFillsNothing) {
  using std::string_literals::operator""s;
  for (const std::string& user :
       {""s, "#"s, "+"s, "a/b"s, "a+"s, "a\0b"s, std::string(2000, 'u'), "\xFF"s}) {
    EXPECT_EQ(FillWith("a/{user}/b", user), std::nullopt) << user;
  }
  EXPECT_EQ(FillWith("a/{claims.none}", "ann"), std::nullopt);
}

TEST(TopicPattern, WidenedItHoldsForEveryValue) {
  EXPECT_EQ(Widen("a/{user}/b/#"), "a/+/b/#");
  EXPECT_EQ(Widen("x-{user}/b"), "+/b");
  EXPECT_EQ(Widen("{user}"), "+");
  EXPECT_EQ(Widen("/{user}"), "/+");
  EXPECT_EQ(Widen("//{user}"), "//+");
}

}  // namespace
}  // namespace esockets::broker
