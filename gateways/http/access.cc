#include "gateways/http/access.h"

#include <string_view>

#include "absl/strings/escaping.h"
#include "base/strings.h"
#include "gateways/http/refusal.h"
#include "server/http/text.h"

namespace esockets::http {
namespace {

std::optional<broker::Identity> Authenticate(std::string_view authorization,
                                             const broker::Authenticator& users) {
  const size_t space = authorization.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const std::string scheme = ToLower(authorization.substr(0, space));
  const std::string_view secret = authorization.substr(space + 1);
  if (secret.empty()) return std::nullopt;
  if (scheme == "bearer") {
    return users.Authenticate({.token = secret, .user = {}, .password = {}});
  }
  std::string pair;
  if (scheme != "basic" || !absl::Base64Unescape(base::ToAbsl(secret), &pair)) return std::nullopt;
  const size_t colon = pair.find(':');
  if (colon == std::string::npos) return std::nullopt;
  const std::string_view text = pair;
  return users.Authenticate(
      {.token = {}, .user = text.substr(0, colon), .password = text.substr(colon + 1)});
}

}  // namespace

std::optional<Response> RefuseAccess(const Request& request, const broker::Authenticator& users,
                                     std::string* user) {
  if (users.open()) return std::nullopt;
  const std::string* authorization = request.Find("authorization");
  const std::optional<broker::Identity> identity =
      authorization == nullptr ? std::nullopt : Authenticate(*authorization, users);
  if (!identity) {
    Response refusal =
        Refusal(Status::kUnauthorized, authorization == nullptr ? "there is no Authorization"
                                                                : "the credentials are wrong");
    refusal.fields = "WWW-Authenticate: Basic realm=\"ESocketS\", Bearer realm=\"ESocketS\"\r\n";
    return refusal;
  }
  if (!identity->admin) {
    return Refusal(Status::kForbidden, base::StrCat(identity->user, " is no administrator"));
  }
  *user = identity->user;
  return std::nullopt;
}

}  // namespace esockets::http
