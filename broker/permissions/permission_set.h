// What one client may do, compiled from the rules that are for it. Whoever has no rule that allows
// something may not; and one that denies it counts more than all that allow it.
#ifndef BROKER_PERMISSIONS_PERMISSION_SET_H_
#define BROKER_PERMISSIONS_PERMISSION_SET_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "broker/permissions/permission_rule.h"

namespace esockets::broker {

// May it? And the rule that decided; null: none is about it, so it may not.
struct Decision {
  bool allowed = false;
  const PermissionRule* rule = nullptr;
  // Of a filter that is allowed: the first rule that denies some of its topics; null: none does.
  const PermissionRule* hole = nullptr;
};

// Thread: any.
class PermissionSet {
 public:
  struct Entry {
    const PermissionRule* rule;
    std::vector<std::string> filters;
  };
  // `rules`: those that the entries name, kept as long as this.
  PermissionSet(std::shared_ptr<const std::vector<PermissionRule>> rules,
                std::vector<Entry> entries);

  // Of a topic. REQUIRES: it is one.
  Decision Check(Action action, std::string_view topic) const;
  // Of all topics that a filter matches: one rule must allow all of them, and none may deny all.
  // REQUIRES: it is a filter.
  Decision CheckFilter(Action action, std::string_view filter) const;

  // Never that of another, even of one that is gone.
  uint64_t id() const { return id_; }

 private:
  const std::shared_ptr<const std::vector<PermissionRule>> rules_;
  const std::vector<Entry> entries_;
  const uint64_t id_;
};

}  // namespace esockets::broker

#endif  // BROKER_PERMISSIONS_PERMISSION_SET_H_
