// How `esockets` ends, for scripts. clients/cli/README.md has the same table.
#ifndef CLIENTS_CLI_EXIT_CODE_H_
#define CLIENTS_CLI_EXIT_CODE_H_

#include <string_view>

#include "absl/status/status.h"
#include "clients/cpp/delivery.h"

namespace esockets::cli {

enum ExitCode {
  kExitOk = 0,
  kExitUsage = 1,          // wrong arguments, or something on this machine: a file, the terminal
  kExitCannotConnect = 2,  // nobody answers at the address
  kExitRefused = 3,        // the broker said no; its code is on stderr
  kExitTimeout = 4,        // no answer, or not enough messages, in time
  kExitLost = 5,           // the connection broke
  kExitNotWritten = 6,     // published, and not written to every subscriber
  kExitReplyFailed = 7,    // whoever was asked has answered with an error
  kExitInterrupted = 130,  // Ctrl-C before it was done
};

// Of a failure after the connection stood.
ExitCode ExitCodeOf(const absl::Status& status);
// Of a failure to connect.
ExitCode ConnectExitCodeOf(const absl::Status& status);

// Of what became of a message: kExitTimeout if it only waits, kExitNotWritten if somebody will not
// get it. The greater one is the worse.
ExitCode ExitCodeOf(const client::Delivery& delivery);

// "esockets: what: why" on stderr.
void Complain(std::string_view what, const absl::Status& why);

}  // namespace esockets::cli

#endif  // CLIENTS_CLI_EXIT_CODE_H_
