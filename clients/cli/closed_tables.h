// How connections ended, for people.
#ifndef CLIENTS_CLI_CLOSED_TABLES_H_
#define CLIENTS_CLI_CLOSED_TABLES_H_

#include <string>
#include <string_view>

#include "proto/admin.pb.h"

namespace esockets::cli {

// `id`: of a client or, when it has digits alone, the number of a session; empty: all.
admin::ClosedRequest ClosedRequestOf(std::string_view id);

// One line an ending; when there is none: "no connection has ended".
std::string ClosedTable(const admin::Closed& closed);

// Everything about one ending, with what the client should do and, where it was kept, the flight
// record: the last steps with their times before the end.
std::string ClosedText(const admin::ClosedClient& client);

}  // namespace esockets::cli

#endif  // CLIENTS_CLI_CLOSED_TABLES_H_
