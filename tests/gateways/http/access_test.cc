#include "gateways/http/access.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/escaping.h"
#include "base/strings.h"
#include "broker/local_authenticator.h"
#include "gtest/gtest.h"
#include "tests/support/sim_executor.h"

namespace esockets::http {
namespace {

std::string Basic(std::string_view pair) {
  return "Basic " + absl::Base64Escape(base::ToAbsl(pair));
}

Access Check(const Request& request, const broker::Authenticator& users) {
  tests::SimExecutor loop;
  std::optional<Access> result;
  CheckAccess(request, users, {.loop = &loop},
              [&result](Access access) { result = std::move(access); });
  EXPECT_TRUE(result.has_value());
  return result ? *std::move(result) : Access{};
}

TEST(CheckAccessTest, UsersAlone) {
  broker::LocalAuthenticator users;
  users.AddToken("ops", "s3cret", true);
  users.AddPassword("root", "pass:word", true);
  users.AddToken("viewer", "look", false);
  const struct {
    std::string authorization;
    Status status;
    std::string_view user = {};
    bool admin = true;
  } kCases[] = {
      {"Bearer s3cret", Status::kOk, "ops"},
      {"bEARER s3cret", Status::kOk, "ops"},
      {Basic("root:pass:word"), Status::kOk, "root"},
      {"Bearer look", Status::kOk, "viewer", false},
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
    const Access access = Check(request, users);
    EXPECT_EQ(access.refusal ? access.refusal->status : Status::kOk, test.status)
        << test.authorization;
    EXPECT_EQ(access.identity.user, test.user) << test.authorization;
    EXPECT_EQ(access.identity.admin, !access.refusal && test.admin) << test.authorization;
  }
}

TEST(CheckAccessTest, WhoSendsNothingIsToldWhatToSend) {
  broker::LocalAuthenticator users;
  users.AddToken("ops", "s3cret", true);
  const std::optional<Response> refusal = Check({}, users).refusal;
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status, Status::kUnauthorized);
  EXPECT_EQ(refusal->fields,
            "WWW-Authenticate: Basic realm=\"ESocketS\", Bearer realm=\"ESocketS\"\r\n");
}

// Who is looked at while too many others are is told to come again, not that it is wrong.
TEST(CheckAccessTest, ABusyAuthenticatorIsNoRefusal) {
  struct Busy final : broker::Authenticator {
    bool open() const override { return false; }
    broker::Identity Describe(std::string_view) const override { return {}; }
    void Authenticate(const broker::Credentials&, const broker::AuthPlace&,
                      Done done) const override {
      done(broker::AuthRefusal{.code = broker::CloseCode::kAuthenticationBusy, .detail = ""});
    }
  };
  Request request;
  request.fields = {{"authorization", "Bearer x"}};
  const std::optional<Response> refusal = Check(request, Busy()).refusal;
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status, Status::kUnavailable);
}

TEST(CheckAccessTest, AnonymousClientsAreNoAdministrators) {
  broker::LocalAuthenticator users;
  users.AllowAnonymous();
  EXPECT_EQ(Check({}, users).refusal->status, Status::kUnauthorized);
  Request request;
  request.fields = {{"authorization", Basic(":")}};
  EXPECT_EQ(Check(request, users).refusal->status, Status::kUnauthorized);
}

TEST(CheckAccessTest, WithoutUsersEverybody) {
  const Access access = Check({}, broker::LocalAuthenticator());
  EXPECT_FALSE(access.refusal);
  EXPECT_EQ(access.identity.user, "");
  EXPECT_TRUE(access.identity.admin);
}

}  // namespace
}  // namespace esockets::http
