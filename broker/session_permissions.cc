#include <memory>
#include <string_view>
#include <utility>

#include "broker/permissions/permission_policy.h"
#include "broker/revocation.h"
#include "broker/session.h"
#include "broker/session_identity.h"
#include "broker/session_limits.h"

// What the client may do: the part of Session that session.cc leaves out.
namespace esockets::broker {

void Session::CompilePermissions() {
  auto permissions = shard_.settings().permissions->Compile(identity(), client_id());
  if (permissions != nullptr || rare_ != nullptr) NeedRare().permissions = std::move(permissions);
}

ClientPermissions Session::permissions() const {
  return {&identity(), rare_ == nullptr ? nullptr : rare_->permissions.get(),
          &shard_.permission_memo};
}

void Session::OnSettingsReplaced() {
  // Who is not known yet gets those of the time when it is.
  if (is_new() || ended() || (connecting() && rare_->said != nullptr)) return;
  if (!SessionIdentity(this).Recall()) return;
  CompilePermissions();
  SessionLimits(this).ChangeClass();
  Revocation(this).Run();
}

}  // namespace esockets::broker
