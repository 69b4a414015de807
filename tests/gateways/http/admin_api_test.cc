#include "gateways/http/admin_api.h"

#include <set>
#include <string>
#include <string_view>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "proto/admin.pb.h"

namespace esockets::http {
namespace {

std::string MistakeOf(std::string_view call, const Parameters& parameters,
                      const std::string& body) {
  const auto payload = ApiPayload(*FindApiCall(call), parameters, body);
  return payload.ok() ? "none" : std::string(base::Message(payload.status()));
}

TEST(ApiCallsTest, AreThoseThatTheBrokerKnows) {
  std::set<std::string> changing;
  std::set<std::string> looking;
  for (const ApiCall& call : ApiCalls()) {
    (call.changes ? changing : looking).insert(call.name);
    EXPECT_EQ(call.topic, "$SYS/" + call.name);
    ASSERT_NE(call.reply, nullptr) << call.name;
    EXPECT_EQ(call.request->name(), call.reply->name() + "Request");
  }
  EXPECT_EQ(changing, (std::set<std::string>{"drain", "kick", "recv"}));
  for (const std::string name : {"clients", "info", "metrics", "subscriptions"}) {
    EXPECT_TRUE(looking.contains(name)) << name;
  }
  EXPECT_EQ(FindApiCall("weather"), nullptr);
  EXPECT_EQ(FindApiCall(""), nullptr);
}

TEST(ApiPathTest, OneByItsNameWhereThereAreNames) {
  const struct {
    std::string_view path;
    std::string_view call;
    Parameters parameters;
  } kCases[] = {
      {"clients", "clients", {}},
      {"streams", "streams", {}},
      {"streams/chat", "streams", {{"name", "chat"}}},
      {"streams/a%20b/c", "streams", {{"name", "a b/c"}}},
  };
  for (const auto& test : kCases) {
    const ApiPath path = ParseApiPath(test.path);
    EXPECT_EQ(path.call, FindApiCall(test.call)) << test.path;
    EXPECT_EQ(path.parameters, test.parameters) << test.path;
  }
  for (const std::string_view wrong :
       {"", "/", "streams/", "streams/%", "clients/viewer", "weather/chat", "/streams"}) {
    EXPECT_EQ(ParseApiPath(wrong).call, nullptr) << wrong;
  }
}

TEST(ApiPayloadTest, OfParametersOrOfJson) {
  admin::ClientsRequest clients;
  ASSERT_TRUE(clients.ParseFromString(*ApiPayload(*FindApiCall("clients"), {{"limit", "3"}}, "")));
  EXPECT_EQ(clients.limit(), 3U);
  admin::KickRequest kick;
  ASSERT_TRUE(kick.ParseFromString(
      *ApiPayload(*FindApiCall("kick"), {}, R"({"client_id": "x", "reason": "\u20ac"})")));
  EXPECT_EQ(kick.client_id(), "x");
  EXPECT_EQ(kick.reason(), "\u20ac");
  EXPECT_EQ(*ApiPayload(*FindApiCall("drain"), {}, ""), "");
}

TEST(ApiPayloadTest, MistakesAreRefused) {
  EXPECT_EQ(MistakeOf("kick", {{"client_id", "x"}}, "{}"),
            "the fields go into the body, as JSON, not into the address");
  EXPECT_NE(MistakeOf("clients", {{"who", "x"}}, ""), "none");
  for (const std::string body :
       {"x", "[]", "1", "{", R"({"client_id": 1})", R"({"who": "x"})", R"({"client_id": "x"} {})",
        "{\"client_id\": \"\xff\"}", R"({"client_id": {"a": "b"}})"}) {
    EXPECT_NE(MistakeOf("kick", {}, body), "none") << body;
  }
  EXPECT_NE(MistakeOf("kick", {}, std::string(60'000, '[')), "none");
}

TEST(ApiAnswerTest, IsTheMessageAsJson) {
  admin::Kick kick;
  kick.set_session_id(7);
  const Response answer = ApiAnswer(*FindApiCall("kick"), {.content = kick.SerializeAsString()});
  EXPECT_EQ(answer.status, Status::kOk);
  EXPECT_EQ(answer.body, "{\"session_id\":7}\n");
  EXPECT_EQ(ApiAnswer(*FindApiCall("kick"), {.content = "\xff"}).status, Status::kInternal);
}

TEST(ApiAnswerTest, OrTheRefusal) {
  const Response answer =
      ApiAnswer(*FindApiCall("kick"),
                {.refused = true, .code = broker::ErrorCode::kNoSuchClient, .content = "x"});
  EXPECT_EQ(answer.status, Status::kNotFound);
  EXPECT_EQ(nlohmann::json::parse(answer.body)["error"]["detail"], "x");
}

TEST(ApiIndexTest, NamesMethodsAndFields) {
  const auto index = nlohmann::json::parse(ApiIndex().body)["requests"];
  EXPECT_EQ(index.size(), ApiCalls().size());
  bool found = false;
  for (const auto& call : index) {
    if (call["path"] != "/api/v1/kick") continue;
    found = true;
    EXPECT_EQ(call["method"], "POST");
    EXPECT_EQ(call["fields"]["client_id"], "string");
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace esockets::http
