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

}  // namespace

std::string TraceText(const admin::Trace& trace) {
  if (trace.entries().empty()) return Head(trace);
  Table table({"CLIENT", "FILTER", "OVERFLOW", "RECEIVES", "OUTCOME", "WHY"});
  for (const admin::TraceEntry& entry : trace.entries()) {
    table.Add({Escape(entry.client_id()), Escape(entry.filter()), entry.overflow(),
               entry.receives() ? "yes" : "no", entry.outcome(), Escape(entry.why())});
  }
  return base::StrCat(Head(trace), "\n", table.ToString());
}

}  // namespace esockets::cli
