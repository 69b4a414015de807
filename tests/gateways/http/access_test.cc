#include "gateways/http/access.h"

#include <string>
#include <string_view>

#include "absl/strings/escaping.h"
#include "base/strings.h"
#include "gtest/gtest.h"

namespace esockets::http {
namespace {

std::string Basic(std::string_view pair) {
  return "Basic " + absl::Base64Escape(base::ToAbsl(pair));
}

TEST(RefuseAccessTest, AdministratorsAlone) {
  broker::Authenticator users;
  users.AddToken("ops", "s3cret", true);
  users.AddPassword("root", "pass:word", true);
  users.AddToken("viewer", "look", false);
  const struct {
    std::string authorization;
    Status status;
    std::string_view user = {};
  } kCases[] = {
      {"Bearer s3cret", Status::kOk, "ops"},
      {"bEARER s3cret", Status::kOk, "ops"},
      {Basic("root:pass:word"), Status::kOk, "root"},
      {"Bearer look", Status::kForbidden},
      {"", Status::kUnauthorized},
      {"s3cret", Status::kUnauthorized},
      {"Bearer", Status::kUnauthorized},
      {"Bearer ", Status::kUnauthorized},
      {"Bearer guess", Status::kUnauthorized},
      {"Bearer pass:word", Status::kUnauthorized},
      {"Digest s3cret", Status::kUnauthorized},
      {Basic("root:guess"), Status::kUnauthorized},
      {Basic("ops:s3cret"), Status::kUnauthorized},
      {Basic(":s3cret"), Status::kUnauthorized},
      {Basic("root"), Status::kUnauthorized},
      {"Basic ???", Status::kUnauthorized},
  };
  for (const auto& test : kCases) {
    Request request;
    request.fields = {{"authorization", test.authorization}};
    std::string user;
    const auto refusal = RefuseAccess(request, users, &user);
    EXPECT_EQ(refusal ? refusal->status : Status::kOk, test.status) << test.authorization;
    EXPECT_EQ(user, test.user) << test.authorization;
  }
}

TEST(RefuseAccessTest, WhoSendsNothingIsToldWhatToSend) {
  broker::Authenticator users;
  users.AddToken("ops", "s3cret", true);
  std::string user;
  const auto refusal = RefuseAccess({}, users, &user);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status, Status::kUnauthorized);
  EXPECT_EQ(refusal->fields,
            "WWW-Authenticate: Basic realm=\"ESocketS\", Bearer realm=\"ESocketS\"\r\n");
}

TEST(RefuseAccessTest, WithoutUsersEverybody) {
  std::string user;
  EXPECT_FALSE(RefuseAccess({}, {}, &user));
  EXPECT_EQ(user, "");
}

}  // namespace
}  // namespace esockets::http
