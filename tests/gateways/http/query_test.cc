#include "gateways/http/query.h"

#include <string>
#include <string_view>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "proto/admin.pb.h"

namespace esockets::http {
namespace {

TEST(ParseTargetTest, PathAndParameters) {
  const struct {
    std::string_view target;
    std::string_view path;
    Parameters parameters;
  } kCases[] = {
      {"/", "/", {}},
      {"/a/b", "/a/b", {}},
      {"/a?", "/a", {}},
      {"/a%2fb?x=1", "/a%2fb", {{"x", "1"}}},
      {"/?a=1&b=2", "/", {{"a", "1"}, {"b", "2"}}},
      {"/?a&b=&=c&&", "/", {{"a", ""}, {"b", ""}, {"", "c"}}},
      {"/?a=b=c?d", "/", {{"a", "b=c?d"}}},
      {"/?a%3D=%26+%2B%e2%82%AC", "/", {{"a=", "& +\u20ac"}}},
  };
  for (const auto& test : kCases) {
    const auto target = ParseTarget(test.target);
    ASSERT_TRUE(target) << test.target;
    EXPECT_EQ(target->path, test.path);
    EXPECT_EQ(target->parameters, test.parameters) << test.target;
  }
  for (const std::string_view wrong :
       {"", "*", "a", "http://a/", "/?%", "/?a=%1", "/?a=%g0", "/?%+1=b", "/?a=% 1"}) {
    EXPECT_FALSE(ParseTarget(wrong)) << wrong;
  }
}

TEST(FillMessageTest, FieldsByTheirNames) {
  admin::TraceRequest trace;
  ASSERT_TRUE(FillMessage({{"topic", "a/\u20ac"},
                           {"limit", "4294967295"},
                           {"payload_bytes", "18446744073709551615"},
                           {"key", "\xff"}},
                          &trace)
                  .ok());
  EXPECT_EQ(trace.topic(), "a/\u20ac");
  EXPECT_EQ(trace.limit(), 4294967295U);
  EXPECT_EQ(trace.payload_bytes(), ~uint64_t{0});
  EXPECT_EQ(trace.key(), "\xff");
}

TEST(FillMessageTest, SeveralOfARepeatedOne) {
  admin::AclRequest acl;
  ASSERT_TRUE(FillMessage({{"groups", "a"}, {"user", "ann"}, {"groups", "b"}}, &acl).ok());
  ASSERT_EQ(acl.groups_size(), 2);
  EXPECT_EQ(acl.groups(1), "b");
}

TEST(FillMessageTest, MistakesAreNamed) {
  const struct {
    Parameters parameters;
    std::string_view error;
  } kCases[] = {
      {{{"size", "1"}},
       "there is no parameter size; there are: limit, after_session_id, client_id"},
      {{{"", ""}}, "there is no parameter ; there are: limit, after_session_id, client_id"},
      {{{"limit", "1"}, {"limit", "1"}}, "limit stands there twice"},
      {{{"limit", "4294967296"}}, "limit must be a uint32"},
      {{{"limit", "-1"}}, "limit must be a uint32"},
      {{{"limit", "1.5"}}, "limit must be a uint32"},
      {{{"limit", ""}}, "limit must be a uint32"},
      {{{"limit", " 1"}}, "limit must be a uint32"},
      {{{"after_session_id", "18446744073709551616"}}, "after_session_id must be a uint64"},
      {{{"client_id", "\xff"}}, "client_id must be a string"},
  };
  for (const auto& test : kCases) {
    admin::ClientsRequest request;
    const absl::Status status = FillMessage(test.parameters, &request);
    EXPECT_EQ(base::Message(status), test.error);
  }
}

}  // namespace
}  // namespace esockets::http
