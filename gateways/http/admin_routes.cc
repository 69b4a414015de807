#include "gateways/http/admin_routes.h"

#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "base/strings.h"
#include "gateways/http/access.h"
#include "gateways/http/origin.h"
#include "gateways/http/refusal.h"
#include "server/http/text.h"

namespace esockets::http {
namespace {

constexpr std::string_view kHealthPath = "/healthz";
constexpr std::string_view kReadyPath = "/readyz";
constexpr std::string_view kMetricsPath = "/metrics";

// Nothing, if the method is one of them.
std::optional<Response> RefuseMethod(const Request& request,
                                     std::initializer_list<std::string_view> methods) {
  std::string allowed;
  for (const std::string_view method : methods) {
    if (request.method == method) return std::nullopt;
    base::StrAppend(&allowed, allowed.empty() ? "" : ", ", method);
  }
  Response refusal =
      Refusal(Status::kMethodNotAllowed, base::StrCat(request.method, " is not one of ", allowed));
  refusal.fields = base::StrCat("Allow: ", allowed, "\r\n");
  return refusal;
}

bool IsJson(const Request& request) {
  const std::string* type = request.Find("content-type");
  if (type == nullptr) return false;
  const std::string lower = ToLower(*type);
  const std::string_view essence = std::string_view{lower}.substr(0, lower.find_first_of("; \t"));
  return essence == "application/json";
}

std::string JoinNumbers(const std::set<int>& numbers) {
  std::string text;
  for (const int number : numbers) base::StrAppend(&text, text.empty() ? "" : ", ", number);
  return text;
}

}  // namespace

AdminRoutes::AdminRoutes(base::Executor* own_loop, BrokerAccess broker, AccessRules rules,
                         base::Duration answer_timeout)
    : own_loop_(*own_loop),
      broker_(std::move(broker)),
      metrics_(broker_.loops),
      answer_timeout_(answer_timeout),
      rules_(std::move(rules)) {}

Response AdminRoutes::Refuse(Status status, std::string_view detail) const {
  return Refusal(status, detail);
}

void AdminRoutes::Handle(const Request& request, Done done) {
  if (const std::string why = ForeignOrigin(request, rules_.hosts); !why.empty()) {
    return done(Refusal(Status::kForbidden, why));
  }
  const std::optional<Target> target = ParseTarget(request.target);
  if (!target) {
    return done(Refusal(Status::kBadRequest, "the address must be a path, with right escapes"));
  }
  if (HandleProbe(request, *target, done)) return;
  CheckAccess(request, *rules_.users, {.loop = &own_loop_, .pool = broker_.pool},
              [this, request, target = *target, done = std::move(done)](Access access) {
                own_loop_.AssertOnLoop();
                if (access.refusal) return done(*std::move(access.refusal));
                // The users may be others meanwhile than those who were asked.
                auto identity = rules_.users->Recall(std::move(access.identity));
                if (!identity) return done(WrongCredentials());
                const AdminRights rights(*std::move(identity), *rules_.permissions);
                if (auto refusal = rights.WhyNothing()) return done(*std::move(refusal));
                HandleKnown(request, target, rights, done);
              });
}

bool AdminRoutes::HandleProbe(const Request& request, const Target& target, const Done& done) {
  if (target.path != kHealthPath && target.path != kReadyPath) return false;
  if (std::optional<Response> refusal = RefuseMethod(request, {"GET", "HEAD"})) {
    done(*std::move(refusal));
  } else if (target.path == kHealthPath) {
    done(PlainText("ok\n"));
  } else {
    AskReady(done);
  }
  return true;
}

void AdminRoutes::HandleKnown(const Request& request, const Target& target,
                              const AdminRights& rights, Done done) {
  const bool metrics = target.path == kMetricsPath;
  if (metrics || target.path == kApiPath) {
    if (std::optional<Response> refusal = RefuseMethod(request, {"GET", "HEAD"})) {
      return done(*std::move(refusal));
    }
    if (!metrics) return done(ApiIndex());
    if (auto refusal = rights.WhyNot("$SYS/metrics")) return done(*std::move(refusal));
    return done({.content_type = kMetricsContentType, .body = MetricsText(metrics_), .fields = {}});
  }
  if (!target.path.starts_with(kApiPath)) {
    return done(Refusal(Status::kNotFound, base::StrCat("there is no ", target.path)));
  }
  HandleCall(request, target, rights, std::move(done));
}

void AdminRoutes::HandleCall(const Request& request, const Target& target,
                             const AdminRights& rights, Done done) {
  auto [call, parameters] = ParseApiPath(std::string_view{target.path}.substr(kApiPath.size()));
  if (call == nullptr) {
    return done(Refusal(Status::kNotFound, base::StrCat("there is no ", target.path)));
  }
  if (auto refusal = rights.WhyNot(call->topic)) return done(*std::move(refusal));
  std::optional<Response> refusal =
      call->changes ? RefuseMethod(request, {"POST"}) : RefuseMethod(request, {"GET", "HEAD"});
  if (refusal) return done(*std::move(refusal));
  // A page can have a browser send a form anywhere; it cannot have it send JSON.
  if (call->changes && !IsJson(request)) {
    return done(Refusal(Status::kUnsupportedMediaType, "Content-Type is not application/json"));
  }
  parameters.insert(parameters.end(), target.parameters.begin(), target.parameters.end());
  absl::StatusOr<std::string> payload = ApiPayload(*call, parameters, request.body);
  if (!payload.ok()) {
    return done(Refusal(Status::kBadRequest, base::Message(payload.status())));
  }
  if (call->changes) {
    base::Log(base::LogLevel::kInfo, "administration over HTTP",
              {{"request", call->name}, {"user", rights.user()}});
  }
  Ask(*call, *std::move(payload), std::move(done));
}

// --- the broker's loops -------------------------------------------------------------------------

void AdminRoutes::AskReady(Done done) {
  if (broker_.draining()) {
    return done(Refusal(Status::kUnavailable, "the broker is draining"));
  }
  std::set<int> all;
  for (const BrokerLoop& each : broker_.loops) all.insert(each.loop->index());
  const uint64_t number = Begin(std::move(done), std::move(all));
  for (const BrokerLoop& each : broker_.loops) {
    each.loop->Post([this, number, index = each.loop->index()] {
      own_loop_.Post([this, number, index] {
        own_loop_.AssertOnLoop();
        OnReady(number, index);
      });
    });
  }
}

void AdminRoutes::OnReady(uint64_t number, int loop) {
  const auto found = questions_.find(number);
  if (found == questions_.end()) return;  // too late
  found->second.missing.erase(loop);
  if (found->second.missing.empty()) Finish(number, PlainText("ready\n"));
}

// The first loop knows how to ask the others.
void AdminRoutes::Ask(const ApiCall& call, std::string payload, Done done) {
  const BrokerLoop& first = broker_.loops[0];
  const uint64_t number = Begin(std::move(done), {first.loop->index()});
  first.loop->Post([this, &first, &call, number, payload = std::move(payload)]() mutable {
    first.loop->AssertOnLoop();
    first.shard->system_requests->Ask(call.topic, std::move(payload),
                                      [this, &call, number](const broker::AdminReply& reply) {
                                        own_loop_.Post([this, &call, number, reply] {
                                          own_loop_.AssertOnLoop();
                                          OnReply(number, call, reply);
                                        });
                                      });
  });
}

void AdminRoutes::OnReply(uint64_t number, const ApiCall& call, const broker::AdminReply& reply) {
  if (questions_.contains(number)) Finish(number, ApiAnswer(call, reply));
}

uint64_t AdminRoutes::Begin(Done done, std::set<int> loops) {
  const uint64_t number = ++last_number_;
  const base::TimerId timer =
      own_loop_.RunAt(own_loop_.TurnTime() + answer_timeout_, [this, number] {
        own_loop_.AssertOnLoop();
        OnTimeout(number);
      });
  questions_.emplace(number, Question{std::move(done), std::move(loops), timer});
  return number;
}

void AdminRoutes::OnTimeout(uint64_t number) {
  using std::chrono::milliseconds;
  const std::string late = base::StrCat(
      "no answer within ", std::chrono::duration_cast<milliseconds>(answer_timeout_).count(),
      " ms of loop ", JoinNumbers(questions_.at(number).missing));
  Finish(number, Refusal(Status::kUnavailable, late));
}

void AdminRoutes::Finish(uint64_t number, Response response) {
  const auto found = questions_.find(number);
  const Question question = std::move(found->second);
  questions_.erase(found);
  own_loop_.Cancel(question.timer);
  question.done(std::move(response));
}

}  // namespace esockets::http
