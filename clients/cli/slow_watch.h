// esockets slow --watch
#ifndef CLIENTS_CLI_SLOW_WATCH_H_
#define CLIENTS_CLI_SLOW_WATCH_H_

#include <string>

#include "clients/cli/command_line.h"
#include "clients/cli/interrupt.h"

namespace esockets::cli {

// Prints a line for each client that is slow now, and one whenever a verdict is made or changes or
// a client has caught up, until Ctrl-C. `client_id` empty: of all clients. Returns the exit code.
int WatchSlow(const GlobalOptions& global, const std::string& client_id, Interrupt* interrupt);

}  // namespace esockets::cli

#endif  // CLIENTS_CLI_SLOW_WATCH_H_
