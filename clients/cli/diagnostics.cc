// esockets slow, closed, trace
#include <cstdio>
#include <string>

#include "base/strings.h"
#include "clients/cli/admin_request.h"
#include "clients/cli/closed_tables.h"
#include "clients/cli/commands.h"
#include "clients/cli/format.h"
#include "clients/cli/slow_tables.h"
#include "clients/cli/slow_watch.h"
#include "clients/cli/trace_tables.h"
#include "proto/admin.pb.h"
#include "proto/message_json.h"

namespace esockets::cli {
namespace {

// There is no next page to ask for.
void TellMore(bool more) {
  if (more) std::fputs("esockets: there are more; name one to see it\n", stderr);
}

void PrintSlow(const admin::Slow& slow, const std::string& client_id) {
  if (client_id.empty()) return Print(SlowTable(slow));
  if (slow.clients().empty()) Print(base::StrCat(Escape(client_id), " is not slow\n"));
  for (const admin::SlowClient& client : slow.clients()) Print(SlowText(client));
}

void PrintClosed(const admin::Closed& closed, const std::string& id) {
  if (id.empty() || closed.clients().empty()) return Print(ClosedTable(closed));
  bool first = true;
  for (const admin::ClosedClient& client : closed.clients()) {
    Print(base::StrCat(first ? "" : "\n\n", ClosedText(client)));
    first = false;
  }
}

absl::Status AskTrace(client::Client* client, const TraceOptions& options, admin::Trace* all) {
  admin::TraceRequest request;
  request.set_topic(options.topic);
  request.set_client_id(options.client_id);
  request.set_key(options.key);
  request.set_payload_bytes(options.payload_bytes);
  return AskPages(client, "$SYS/trace", request, all,
                  [](const admin::Trace& page, admin::TraceRequest* next) {
                    if (page.entries().empty()) return false;
                    next->set_after_session_id(page.entries().rbegin()->session_id());
                    next->set_after_filter(page.entries().rbegin()->filter());
                    return true;
                  });
}

}  // namespace

int Run(const GlobalOptions& global, const SlowOptions& options, Interrupt& interrupt) {
  if (options.watch) return WatchSlow(global, options.client_id, &interrupt);
  return WithClient(global, "slow", [&](client::Client* client) {
    admin::SlowRequest request;
    request.set_client_id(options.client_id);
    admin::Slow slow;
    absl::Status status = Ask(client, "$SYS/slow", request, &slow);
    if (!status.ok()) return status;
    global.json ? PrintJson(proto::ToJson(slow)["clients"]) : PrintSlow(slow, options.client_id);
    TellMore(slow.more());
    return status;
  });
}

int Run(const GlobalOptions& global, const ClosedOptions& options, Interrupt&) {
  return WithClient(global, "closed", [&](client::Client* client) {
    admin::Closed closed;
    absl::Status status = Ask(client, "$SYS/closed", ClosedRequestOf(options.id), &closed);
    if (!status.ok()) return status;
    global.json ? PrintJson(proto::ToJson(closed)["clients"]) : PrintClosed(closed, options.id);
    TellMore(closed.more());
    return status;
  });
}

int Run(const GlobalOptions& global, const TraceOptions& options, Interrupt&) {
  return WithClient(global, "trace", [&](client::Client* client) {
    admin::Trace trace;
    absl::Status status = AskTrace(client, options, &trace);
    if (!status.ok()) return status;
    if (!global.json) {
      Print(TraceText(trace));
      return status;
    }
    nlohmann::ordered_json json = proto::ToJson(trace);
    json.erase("more");  // these are all pages
    PrintJson(json);
    return status;
  });
}

}  // namespace esockets::cli
