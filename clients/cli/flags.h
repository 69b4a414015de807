// From argv to a CommandLine; --help with examples on each subcommand.
#ifndef CLIENTS_CLI_FLAGS_H_
#define CLIENTS_CLI_FLAGS_H_

#include <optional>

#include "clients/cli/command_line.h"

namespace esockets::cli {

// The exit code when there is nothing more to do: help was printed, or the arguments are wrong.
std::optional<int> ParseFlags(int argc, const char* const* argv, CommandLine* line);

}  // namespace esockets::cli

#endif  // CLIENTS_CLI_FLAGS_H_
