// What somebody may do and which rule says so, in the messages of proto/admin.proto. Thread: the
// loop.
#ifndef BROKER_ACL_VIEW_H_
#define BROKER_ACL_VIEW_H_

#include <optional>
#include <string_view>

#include "broker/command_checks.h"
#include "broker/shard.h"
#include "proto/admin.pb.h"

namespace esockets::broker {

inline constexpr std::string_view kAclTopic = "$SYS/acl";

// Can that be asked? Nothing: yes.
std::optional<Refusal<ErrorCode>> CheckAcl(const admin::AclRequest& request,
                                           const Settings& settings);

// By the rules that are in force: as the broker decides when the client says it. REQUIRES: CheckAcl
// had nothing to say.
admin::Acl ExplainAcl(const admin::AclRequest& request, const Settings& settings);

}  // namespace esockets::broker

#endif  // BROKER_ACL_VIEW_H_
