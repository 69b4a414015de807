// All rules of the broker. For each client a PermissionSet is made of them when it connects, and
// anew when they change.
#ifndef BROKER_PERMISSIONS_PERMISSION_POLICY_H_
#define BROKER_PERMISSIONS_PERMISSION_POLICY_H_

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "broker/auth/identity.h"
#include "broker/permissions/permission_rule.h"
#include "broker/permissions/permission_set.h"

namespace esockets::broker {

// Thread: any.
class PermissionPolicy {
 public:
  // Without rules everybody may do everything, but administrate.
  explicit PermissionPolicy(std::vector<PermissionRule> rules = {});

  // Null: there are no rules. Clients for whom the same rules hold, without anything of their own
  // in them, share one.
  std::shared_ptr<const PermissionSet> Compile(const Identity& identity,
                                               std::string_view client_id) const;

 private:
  using Places = std::vector<size_t>;  // of rules

  std::shared_ptr<const PermissionSet> Make(const Places& places, const Identity& identity,
                                            std::string_view client_id) const;

  const std::shared_ptr<const std::vector<PermissionRule>> rules_;
  mutable std::mutex mutex_;
  // Those that are shared, by the rules of which they are made.
  mutable std::map<Places, std::weak_ptr<const PermissionSet>> shared_;  // guarded by mutex_
};

}  // namespace esockets::broker

#endif  // BROKER_PERMISSIONS_PERMISSION_POLICY_H_
