// Who asks for administration over HTTP: one of the broker's users; anybody, if it has none, and
// then only this machine is listened to.
#ifndef GATEWAYS_HTTP_ACCESS_H_
#define GATEWAYS_HTTP_ACCESS_H_

#include <optional>

#include "absl/functional/any_invocable.h"
#include "broker/auth/identity.h"
#include "broker/authenticator.h"
#include "server/http/request.h"
#include "server/http/response.h"

namespace esockets::http {

// Somebody is known, or is told why not: 401, or 503 while too many others are being looked at.
struct Access {
  broker::Identity identity;
  std::optional<Response> refusal{};
};

// For who is refused for what it has shown: 401.
Response WrongCredentials();

// By "Authorization: Bearer TOKEN" (RFC 6750) or "Basic", user and password (RFC 7617). `done`: as
// of Authenticator::Authenticate.
void CheckAccess(const Request& request, const broker::Authenticator& users,
                 const broker::AuthPlace& place, absl::AnyInvocable<void(Access access)> done);

}  // namespace esockets::http

#endif  // GATEWAYS_HTTP_ACCESS_H_
