#include "gateways/http/access.h"

#include <string_view>
#include <utility>
#include <variant>

#include "absl/strings/escaping.h"
#include "gateways/http/refusal.h"
#include "server/http/text.h"

namespace esockets::http {
namespace {

// What stands in a request, as text that lives as long as this.
struct Shown {
  std::string token;
  std::string user;
  std::string password;
};

std::optional<Shown> ReadAuthorization(std::string_view authorization) {
  const size_t space = authorization.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const std::string scheme = ToLower(authorization.substr(0, space));
  const std::string_view secret = authorization.substr(space + 1);
  if (secret.empty()) return std::nullopt;
  if (scheme == "bearer") return Shown{.token = std::string(secret), .user = {}, .password = {}};
  std::string pair;
  if (scheme != "basic" || !absl::Base64Unescape(base::ToAbsl(secret), &pair)) return std::nullopt;
  const size_t colon = pair.find(':');
  // Nobody has no name: who shows one that is empty shows nothing.
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  return Shown{.token = {}, .user = pair.substr(0, colon), .password = pair.substr(colon + 1)};
}

Response Unauthorized(std::string_view why) {
  Response refusal = Refusal(Status::kUnauthorized, why);
  refusal.fields = "WWW-Authenticate: Basic realm=\"ESocketS\", Bearer realm=\"ESocketS\"\r\n";
  return refusal;
}

}  // namespace

Response WrongCredentials() { return Unauthorized("the credentials are wrong"); }

namespace {

Access Judge(broker::AuthVerdict verdict) {
  if (const auto* refusal = std::get_if<broker::AuthRefusal>(&verdict)) {
    if (refusal->code == broker::CloseCode::kAuthenticationBusy) {
      return {.identity = {},
              .refusal = Refusal(Status::kUnavailable, broker::Info(refusal->code).text)};
    }
    return {.identity = {}, .refusal = WrongCredentials()};
  }
  return {.identity = std::get<broker::Identity>(std::move(verdict))};
}

}  // namespace

void CheckAccess(const Request& request, const broker::Authenticator& users,
                 const broker::AuthPlace& place, absl::AnyInvocable<void(Access access)> done) {
  if (users.open()) return done({.identity = {.user = {}, .admin = true}});
  const std::string* const authorization = request.Find("authorization");
  if (authorization == nullptr) {
    return done({.identity = {}, .refusal = Unauthorized("there is no Authorization")});
  }
  const std::optional<Shown> shown = ReadAuthorization(*authorization);
  if (!shown) return done({.identity = {}, .refusal = WrongCredentials()});
  users.Authenticate({.token = shown->token, .user = shown->user, .password = shown->password},
                     place, [done = std::move(done)](broker::AuthVerdict verdict) mutable {
                       done(Judge(std::move(verdict)));
                     });
}

}  // namespace esockets::http
