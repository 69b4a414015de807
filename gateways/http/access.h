// Who may administrate over HTTP: the broker's users who are administrators; everybody, if it has
// no users, and then only this machine is listened to.
#ifndef GATEWAYS_HTTP_ACCESS_H_
#define GATEWAYS_HTTP_ACCESS_H_

#include <optional>
#include <string>

#include "broker/authenticator.h"
#include "server/http/request.h"
#include "server/http/response.h"

namespace esockets::http {

// By "Authorization: Bearer TOKEN" (RFC 6750) or "Basic", user and password (RFC 7617). What to
// answer whoever may not ask, 401 or 403; nothing: he may, and `user` is who he is.
std::optional<Response> RefuseAccess(const Request& request, const broker::Authenticator& users,
                                     std::string* user);

}  // namespace esockets::http

#endif  // GATEWAYS_HTTP_ACCESS_H_
