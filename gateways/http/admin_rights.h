// What somebody may ask of administration over HTTP: what he might send to $SYS as a client.
#ifndef GATEWAYS_HTTP_ADMIN_RIGHTS_H_
#define GATEWAYS_HTTP_ADMIN_RIGHTS_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "broker/auth/identity.h"
#include "broker/permissions/permission_policy.h"
#include "broker/permissions/permission_set.h"
#include "server/http/response.h"

namespace esockets::http {

// By the rules at the time when it is made. Administrators may ask everything, others what the
// rules of ADMIN allow; {client_id} stands for nothing here. Thread: any.
class AdminRights {
 public:
  AdminRights(broker::Identity identity, const broker::PermissionPolicy& policy);

  const std::string& user() const { return identity_.user; }

  // Each: nothing: he may. Otherwise 403.
  std::optional<Response> WhyNot(std::string_view topic) const;  // "$SYS/clients"
  // He may ask for nothing at all.
  std::optional<Response> WhyNothing() const;

 private:
  bool Permit(std::string_view topic) const;

  broker::Identity identity_;
  std::shared_ptr<const broker::PermissionSet> permissions_;  // null: there are no rules
};

}  // namespace esockets::http

#endif  // GATEWAYS_HTTP_ADMIN_RIGHTS_H_
