// esockets acl explain
#include <string>

#include "base/strings.h"
#include "clients/cli/admin_request.h"
#include "clients/cli/commands.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/format.h"
#include "proto/admin.pb.h"
#include "proto/message_json.h"

namespace esockets::cli {
namespace {

std::string AclText(const admin::Acl& acl) {
  std::string who = acl.user().empty() ? "anonymous" : Escape(acl.user());
  if (acl.admin()) who += ", administrator";
  for (const std::string& group : acl.groups()) base::StrAppend(&who, ", of ", Escape(group));
  return base::StrCat(acl.allowed() ? "allowed" : "denied", ": ", Escape(acl.why()), " (", who,
                      ")\n");
}

}  // namespace

int Run(const GlobalOptions& global, const AclExplainOptions& options, Interrupt&) {
  bool allowed = false;
  const int code = WithClient(global, "acl explain", [&](client::Client* client) {
    admin::AclRequest request;
    request.set_user(options.user);
    request.set_client_id(options.client_id);
    request.set_action(options.action);
    request.set_topic(options.topic);
    for (const std::string& group : options.groups) request.add_groups(group);
    for (const std::string& claim : options.claims) request.add_claims(claim);
    admin::Acl acl;
    absl::Status status = Ask(client, "$SYS/acl", request, &acl);
    if (!status.ok()) return status;
    allowed = acl.allowed();
    global.json ? PrintJson(proto::ToJson(acl)) : Print(AclText(acl));
    return status;
  });
  return code == kExitOk && !allowed ? kExitRefused : code;
}

}  // namespace esockets::cli
