// What would become of a message, for people.
#ifndef CLIENTS_CLI_TRACE_TABLES_H_
#define CLIENTS_CLI_TRACE_TABLES_H_

#include <string>

#include "proto/admin.pb.h"

namespace esockets::cli {

// "3 clients would receive it", or "refused: why" when nobody may publish to the topic; then a line
// for each subscription.
std::string TraceText(const admin::Trace& trace);

}  // namespace esockets::cli

#endif  // CLIENTS_CLI_TRACE_TABLES_H_
