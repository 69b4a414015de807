#include "gateways/http/admin_rights.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "broker/client_permissions.h"
#include "gateways/http/admin_api.h"
#include "gateways/http/refusal.h"

namespace esockets::http {

AdminRights::AdminRights(broker::Identity identity, const broker::PermissionPolicy& policy)
    : identity_(std::move(identity)), permissions_(policy.Compile(identity_, /*client_id=*/"")) {}

bool AdminRights::Permit(std::string_view topic) const {
  return broker::ClientPermissions(&identity_, permissions_.get(), nullptr)
      .PermitsAdministration(topic);
}

std::optional<Response> AdminRights::WhyNot(std::string_view topic) const {
  if (Permit(topic)) return std::nullopt;
  return Refusal(Status::kForbidden, base::StrCat(user(), " has no permission to ADMIN ", topic));
}

std::optional<Response> AdminRights::WhyNothing() const {
  if (std::ranges::any_of(ApiCalls(), [this](const ApiCall& call) { return Permit(call.topic); })) {
    return std::nullopt;
  }
  return Refusal(Status::kForbidden, base::StrCat(user(), " is no administrator"));
}

}  // namespace esockets::http
