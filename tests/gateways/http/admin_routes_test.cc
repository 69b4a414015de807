#include "gateways/http/admin_routes.h"

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/auth/identity.h"
#include "broker/authenticator.h"
#include "broker/local_authenticator.h"
#include "broker/permissions/permission_policy.h"
#include "broker/permissions/permission_rule.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/support/broker_fixture.h"
#include "tests/support/loop_runner.h"

namespace esockets::http {
namespace {

using nlohmann::json;

Request Get(std::string_view target) {
  Request request;
  request.method = "GET";
  request.target = target;
  request.fields = {{"host", "localhost"}};
  return request;
}

Request Post(std::string_view target, std::string_view body) {
  Request request = Get(target);
  request.method = "POST";
  request.body = body;
  request.fields.emplace_back("content-type", "application/json");
  return request;
}

// The routes on a loop of their own, to a broker of two loops.
class AdminRoutesTest : public tests::BrokerFixture {
 protected:
  void Open(AccessRules rules = {}, base::Duration answer_timeout = tests::kPatience) {
    app::BrokerOptions options = DefaultOptions();
    options.server.loops = 2;
    options.settings.streams = {
        {.name = "chat", .filter = "chat/#", .limits = {}, .message_ids = {}}};
    Start(options);
    BrokerAccess access = broker().admin_access();
    access.draining = [this] { return draining_.load(); };
    routes_.emplace(&runner_.loop(), std::move(access), std::move(rules), answer_timeout);
  }
  void TearDown() override {
    runner_.Stop();
    BrokerFixture::TearDown();
  }

  Response Ask(const Request& request) {
    std::promise<Response> answered;
    runner_.loop().Post([&] {
      routes_->Handle(request, [&](Response response) { answered.set_value(std::move(response)); });
    });
    return answered.get_future().get();
  }
  json AskJson(const Request& request) {
    const Response response = Ask(request);
    EXPECT_EQ(response.status, Status::kOk) << response.body;
    return json::parse(response.body);
  }

  std::atomic<bool> draining_{false};
  tests::LoopRunner runner_;
  std::optional<AdminRoutes> routes_;
};

TEST_F(AdminRoutesTest, WhereWhatIs) {
  Open();
  const struct {
    Request request;
    Status status;
  } kCases[] = {
      {Get("/healthz"), Status::kOk},
      {Get("/readyz?verbose"), Status::kOk},
      {Get("/metrics"), Status::kOk},
      {Get("/api/v1/"), Status::kOk},
      {Get("/api/v1/info"), Status::kOk},
      {Get("/api/v1/clients?limit=10"), Status::kOk},
      {Get("/api/v1/clients?size=10"), Status::kBadRequest},
      {Get("/api/v1/clients?limit=%"), Status::kBadRequest},
      {Get("/api/v1/streams"), Status::kOk},
      {Get("/api/v1/streams/chat"), Status::kOk},
      {Get("/api/v1/streams/ch%61t"), Status::kOk},
      {Get("/api/v1/streams/nothing"), Status::kNotFound},
      {Get("/api/v1/streams/chat/1"), Status::kNotFound},
      {Get("/api/v1/streams/"), Status::kNotFound},
      {Get("/api/v1/streams/%f"), Status::kNotFound},
      {Get("/api/v1/streams/%ff"), Status::kBadRequest},
      {Get("/api/v1/streams/chat?name=chat"), Status::kBadRequest},
      {Get("/api/v1/streams?name=nothing"), Status::kNotFound},
      {Post("/api/v1/streams/chat", "{}"), Status::kMethodNotAllowed},
      {Get("*"), Status::kBadRequest},
      {Get("http://localhost/healthz"), Status::kBadRequest},
      {Get("/"), Status::kNotFound},
      {Get("/api"), Status::kNotFound},
      {Get("/api/v1"), Status::kNotFound},
      {Get("/api/v1/weather"), Status::kNotFound},
      {Get("/api/v1/../metrics"), Status::kNotFound},
      {Get("/Healthz"), Status::kNotFound},
      {Get("/api/v1/clients?client_id=nobody"), Status::kNotFound},
      {Post("/api/v1/kick", R"({"client_id": "nobody"})"), Status::kNotFound},
      {Post("/api/v1/kick", "{"), Status::kBadRequest},
      {Post("/api/v1/recv", R"({"client_id": "nobody"})"), Status::kConflict},
      {Get("/api/v1/kick?client_id=nobody"), Status::kMethodNotAllowed},
      {Post("/api/v1/clients", "{}"), Status::kMethodNotAllowed},
      {Post("/healthz", ""), Status::kMethodNotAllowed},
      {Post("/metrics", ""), Status::kMethodNotAllowed},
  };
  for (const auto& test : kCases) {
    const Response response = Ask(test.request);
    EXPECT_EQ(response.status, test.status) << test.request.target << " " << response.body;
    const bool other_method = test.status == Status::kMethodNotAllowed;
    EXPECT_EQ(response.fields.starts_with("Allow: "), other_method) << response.fields;
  }
}

// Answers when the test says so, as one who knows an administrator.
class LateUsers final : public broker::Authenticator {
 public:
  bool open() const override { return false; }
  broker::Identity Describe(std::string_view) const override { return {}; }
  void Authenticate(const broker::Credentials&, const broker::AuthPlace&,
                    Done done) const override {
    done_ = std::move(done);
  }
  void Answer() const { done_(broker::Identity{.user = "ops", .admin = true}); }

 private:
  mutable Done done_;
};

TEST_F(AdminRoutesTest, AVerdictOfUsersThatWereReplacedIsLookedAtAgain) {
  const auto late = std::make_shared<LateUsers>();
  Open({.hosts = {"localhost"}, .users = late});
  Request request = Get("/api/v1/info");
  request.fields.emplace_back("authorization", "Bearer x");
  std::promise<Response> answered;
  runner_.Do([&] {
    runner_.loop().AssertOnLoop();
    routes_->Handle(request, [&](Response response) { answered.set_value(std::move(response)); });
    auto users = std::make_shared<broker::LocalAuthenticator>();
    users->AddToken("other", "y", true);
    routes_->Replace({.hosts = {"localhost"}, .users = std::move(users)});
    late->Answer();
  });
  EXPECT_EQ(answered.get_future().get().status, Status::kUnauthorized);
}

TEST_F(AdminRoutesTest, AsksAllLoops) {
  Open();
  const tests::NativePeer first = ConnectedPeer("first");
  const tests::NativePeer second = ConnectedPeer("second");
  EXPECT_EQ(AskJson(Get("/api/v1/info"))["clients"], 2);
  EXPECT_EQ(AskJson(Get("/api/v1/clients"))["clients"].size(), 2U);
  const json page = AskJson(Get("/api/v1/clients?limit=1"));
  EXPECT_EQ(page["clients"][0]["client_id"], "first");
  EXPECT_EQ(page["more"], true);
  EXPECT_EQ(AskJson(Get("/api/v1/clients?client_id=second"))["clients"][0]["client_id"], "second");
}

TEST_F(AdminRoutesTest, KicksAClient) {
  Open();
  tests::NativePeer client = ConnectedPeer("noisy");
  AskJson(Post("/api/v1/kick", R"({"client_id": "noisy", "reason": "noise"})"));
  EXPECT_EQ(ExpectClose(client, broker::CloseCode::kKicked), "noise");
}

// What a browser sends for a form of a page from anywhere is no JSON, whatever stands in it.
TEST_F(AdminRoutesTest, WhatChangesSomethingMustBeJson) {
  Open();
  tests::NativePeer client = ConnectedPeer("c");
  for (const std::string_view type :
       {"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b",
        "application/jsonx", "text/plain; application/json"}) {
    Request request = Post("/api/v1/kick", R"({"client_id": "c"})");
    request.fields.back().second = type;
    EXPECT_EQ(Ask(request).status, Status::kUnsupportedMediaType) << type;
  }
  EXPECT_TRUE(client.Ping()) << "nobody was kicked";
  Request request = Post("/api/v1/kick", R"({"client_id": "c"})");
  request.fields.back().second = "Application/JSON; charset=utf-8";
  EXPECT_EQ(Ask(request).status, Status::kOk);
}

TEST_F(AdminRoutesTest, PagesFromElsewhereGetNothing) {
  Open({.hosts = {"broker.example"}});
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"origin", "http://evil.example"}, {"sec-fetch-site", "cross-site"}, {"host", "evil"}}) {
    for (Request request : {Get("/healthz"), Get("/metrics"), Get("/api/v1/info"), Get("/none"),
                            Post("/api/v1/drain", "")}) {
      if (name == "host") request.fields[0].second = value;
      if (name != "host") request.fields.emplace_back(name, value);
      EXPECT_EQ(Ask(request).status, Status::kForbidden) << name << " " << request.target;
    }
  }
  Request known = Get("/healthz");
  known.fields[0].second = "broker.example:80";
  EXPECT_EQ(Ask(known).status, Status::kOk);
}

TEST_F(AdminRoutesTest, WithUsersOnlyProbesAreForEverybody) {
  auto users = std::make_shared<broker::LocalAuthenticator>();
  users->AddToken("ops", "s3cret", true);
  users->AddToken("viewer", "look", false);
  Open({.users = users});
  for (const std::string_view target : {"/metrics", "/api/v1/", "/api/v1/info", "/none"}) {
    Request request = Get(target);
    EXPECT_EQ(Ask(request).status, Status::kUnauthorized) << target;
    request.fields.emplace_back("authorization", "Bearer look");
    EXPECT_EQ(Ask(request).status, Status::kForbidden) << target;
    request.fields.back().second = "Bearer s3cret";
    EXPECT_EQ(Ask(request).status, target == "/none" ? Status::kNotFound : Status::kOk) << target;
  }
  EXPECT_EQ(Ask(Get("/healthz")).status, Status::kOk);
  EXPECT_EQ(Ask(Get("/readyz")).status, Status::kOk);
  runner_.Do([&] { routes_->Replace({}); });
  EXPECT_EQ(Ask(Get("/metrics")).status, Status::kOk);
}

// As over the client's own connection: what a rule of ADMIN allows, and nothing else.
TEST_F(AdminRoutesTest, WhoIsNoAdministratorMayAskWhatARuleAllows) {
  auto users = std::make_shared<broker::LocalAuthenticator>();
  users->AddToken("viewer", "look", false);
  broker::PermissionRule rule{.name = "look"};
  rule.actions.Add(broker::Action::kAdmin);
  rule.topics = {"$SYS/info", "$SYS/metrics"};
  Open({.users = users,
        .permissions = std::make_shared<broker::PermissionPolicy>(std::vector{rule})});
  tests::NativePeer client = ConnectedPeer("c");
  const auto status_of = [this](Request request) {
    request.fields.emplace_back("authorization", "Bearer look");
    return Ask(request).status;
  };
  EXPECT_EQ(status_of(Get("/metrics")), Status::kOk);
  EXPECT_EQ(status_of(Get("/api/v1/")), Status::kOk);
  EXPECT_EQ(status_of(Get("/api/v1/info")), Status::kOk);
  EXPECT_EQ(status_of(Get("/api/v1/metrics")), Status::kOk);
  EXPECT_EQ(status_of(Get("/api/v1/none")), Status::kNotFound);
  EXPECT_EQ(status_of(Get("/api/v1/clients")), Status::kForbidden);
  EXPECT_EQ(status_of(Get("/api/v1/streams/chat")), Status::kForbidden);
  EXPECT_EQ(status_of(Post("/api/v1/kick", R"({"client_id": "c"})")), Status::kForbidden);
  EXPECT_TRUE(client.Ping()) << "nobody was kicked";
  runner_.Do([&] { routes_->Replace({.users = users}); });
  EXPECT_EQ(status_of(Get("/api/v1/info")), Status::kForbidden) << "the rule is gone";
}

TEST_F(AdminRoutesTest, ADrainingBrokerIsNotReady) {
  Open();
  EXPECT_EQ(Ask(Get("/readyz")).status, Status::kOk);
  draining_ = true;
  const Response response = Ask(Get("/readyz"));
  EXPECT_EQ(response.status, Status::kUnavailable);
  EXPECT_EQ(json::parse(response.body)["error"]["detail"], "the broker is draining");
  EXPECT_EQ(Ask(Get("/healthz")).status, Status::kOk) << "it lives";
}

TEST_F(AdminRoutesTest, AStuckLoopIsNamedAndTheRestAnswers) {
  Open({}, std::chrono::milliseconds(50));
  std::promise<void> release;
  broker().server().loop(1).Post([&, wait = release.get_future().share()] { wait.wait(); });
  const Response ready = Ask(Get("/readyz"));
  EXPECT_EQ(ready.status, Status::kUnavailable);
  EXPECT_EQ(json::parse(ready.body)["error"]["detail"], "no answer within 50 ms of loop 1");
  EXPECT_EQ(Ask(Get("/api/v1/info")).status, Status::kUnavailable) << "it needs every loop";
  EXPECT_EQ(Ask(Get("/healthz")).status, Status::kOk);
  EXPECT_EQ(Ask(Get("/metrics")).status, Status::kOk);
  release.set_value();
  OnLoop([] {});  // what came too late is thrown away
}

}  // namespace
}  // namespace esockets::http
