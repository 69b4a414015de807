// Runs a command of the user's for one message.
#ifndef CLIENTS_CLI_CHILD_PROCESS_H_
#define CLIENTS_CLI_CHILD_PROCESS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/interrupt.h"

namespace esockets::cli {

// What came of it.
struct Outcome {
  std::string output;   // all that it wrote to stdout
  std::string failure;  // "exit code 3", "signal 9"; empty: it went well
};

// Starts `command` (a program, looked for along PATH, and its arguments) with `input` on its stdin
// and TOPIC in its environment; its stderr is ours. Returns when it has ended and its stdout is
// closed. Errors: kInvalidArgument when it cannot be started; kCancelled on Ctrl-C, which ends it
// and its own children as well. REQUIRES: !command.empty().
absl::StatusOr<Outcome> RunCommand(const std::vector<std::string>& command, std::string_view topic,
                                   std::string_view input, Interrupt* interrupt);

}  // namespace esockets::cli

#endif  // CLIENTS_CLI_CHILD_PROCESS_H_
