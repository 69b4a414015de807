// esockets: publishes, subscribes and administers from a terminal or a script.
#include <cstdio>
#include <variant>

#include "clients/cli/command_line.h"
#include "clients/cli/commands.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/flags.h"
#include "clients/cli/interrupt.h"

namespace esockets::cli {
namespace {

int Main(int argc, char** argv) {
  CommandLine line;
  if (const auto exit_code = ParseFlags(argc, argv, &line)) return *exit_code;
  Interrupt interrupt;
  const int exit_code = std::visit(
      [&](const auto& options) { return Run(line.global, options, interrupt); }, line.command);
  if (std::fflush(stdout) != 0 && exit_code == kExitOk) return kExitUsage;
  return exit_code;
}

}  // namespace
}  // namespace esockets::cli

// What nobody expects shall end the program. NOLINTNEXTLINE(bugprone-exception-escape)
int main(int argc, char** argv) { return esockets::cli::Main(argc, argv); }
