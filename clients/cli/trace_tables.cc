#include "clients/cli/trace_tables.h"

#include "base/strings.h"
#include "clients/cli/format.h"
#include "clients/cli/table.h"

namespace esockets::cli {
namespace {

std::string Head(const admin::Trace& trace) {
  if (!trace.refused().empty()) return base::StrCat("refused: ", Escape(trace.refused()), "\n");
  if (trace.receivers() == 0) return "nobody would receive it\n";
  return base::StrCat(trace.receivers(), trace.receivers() == 1 ? " client" : " clients",
                      " would receive it\n");
}

std::string GroupsText(const admin::Trace& trace) {
  std::string text;
  for (const admin::TraceGroup& group : trace.groups()) {
    base::StrAppend(&text, "one of ", group.members(), " in group ", Escape(group.group()), " of ",
                    Escape(group.filter()), " (", group.strategy(), ")");
    if (group.waiting_messages() > 0) {
      base::StrAppend(&text, ": all are behind, behind ", group.waiting_messages(), " messages");
    }
    text += "\n";
  }
  return text;
}

}  // namespace

std::string TraceText(const admin::Trace& trace) {
  std::string head = Head(trace) + GroupsText(trace);
  if (trace.entries().empty()) return head;
  Table table({"CLIENT", "FILTER", "OVERFLOW", "RECEIVES", "OUTCOME", "WHY"});
  for (const admin::TraceEntry& entry : trace.entries()) {
    table.Add({Escape(entry.client_id()), Escape(entry.filter()), entry.overflow(),
               entry.receives() ? "yes" : "no", entry.outcome(), Escape(entry.why())});
  }
  return base::StrCat(head, "\n", table.ToString());
}

}  // namespace esockets::cli
