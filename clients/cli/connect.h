// From the global options to a connected client.
#ifndef CLIENTS_CLI_CONNECT_H_
#define CLIENTS_CLI_CONNECT_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "clients/cli/command_line.h"
#include "clients/cli/interrupt.h"
#include "clients/cpp/client.h"

namespace esockets::cli {

// Errors: kInvalidArgument when the password's file cannot be read.
absl::StatusOr<client::ClientOptions> ClientOptionsOf(const GlobalOptions& global);

// One attempt. On failure says so on stderr, sets *exit_code and returns null.
std::unique_ptr<client::Client> ConnectOrComplain(const GlobalOptions& global,
                                                  client::ClientEvents events, bool reconnect,
                                                  int* exit_code,
                                                  std::optional<client::LastWill> will = {});

// Of a subcommand that goes on until it is interrupted: Gaps, errors and lost connections are told
// on stderr under its name, and the end of the client wakes `interrupt`, which outlives it.
client::ClientEvents WatchEvents(std::string name, Interrupt* interrupt);

base::Duration Seconds(double seconds);

}  // namespace esockets::cli

#endif  // CLIENTS_CLI_CONNECT_H_
