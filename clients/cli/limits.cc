// esockets limits
#include <string>

#include "base/strings.h"
#include "clients/cli/admin_request.h"
#include "clients/cli/commands.h"
#include "clients/cli/format.h"
#include "clients/cli/table.h"
#include "proto/admin.pb.h"
#include "proto/message_json.h"

namespace esockets::cli {
namespace {

std::string LimitsTable(const admin::Limits& limits) {
  Table table({"OF", "LIMIT", "MAX>", "USED>", "REACHED>"});
  for (const admin::Limit& limit : limits.limits()) {
    table.Add({Escape(limit.scope()), limit.name(),
               limit.max() == 0 ? "none" : std::to_string(limit.max()),
               limit.has_used() ? std::to_string(limit.used()) : "",
               limit.has_reached_total() ? std::to_string(limit.reached_total()) : ""});
  }
  return table.ToString();
}

}  // namespace

int Run(const GlobalOptions& global, const LimitsOptions& options, Interrupt&) {
  return WithClient(global, "limits", [&](client::Client* client) {
    admin::LimitsRequest request;
    request.set_client_id(options.client_id);
    admin::Limits limits;
    absl::Status status = Ask(client, "$SYS/limits", request, &limits);
    if (!status.ok()) return status;
    global.json ? PrintJson(proto::ToJson(limits)["limits"]) : Print(LimitsTable(limits));
    return status;
  });
}

}  // namespace esockets::cli
