// esockets top
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <utility>

#include "clients/cli/admin_request.h"
#include "clients/cli/commands.h"
#include "clients/cli/connect.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/top_view.h"

namespace esockets::cli {
namespace {

constexpr std::string_view kHomeAndClear = "\x1b[H\x1b[J";
constexpr size_t kLinesIfNoTerminal = 1000;
constexpr uint32_t kUnknownRequestCode = 141;

absl::Status TakeLook(client::Client* client, Look* look) {
  absl::Status status = Ask(client, "$SYS/info", admin::InfoRequest(), &look->info);
  if (status.ok()) {
    status = Ask(client, "$SYS/metrics", admin::MetricsRequest(), &look->metrics);
  }
  // One page: those that connected first. A screen shows no more.
  if (status.ok()) {
    status = Ask(client, "$SYS/clients", admin::ClientsRequest(), &look->clients);
  }
  if (status.ok()) status = Ask(client, "$SYS/slow", admin::SlowRequest(), &look->slow);
  // An older broker, which does not know who is slow, is worth looking at as well.
  return client::BrokerCode(status) == kUnknownRequestCode ? absl::OkStatus() : status;
}

size_t TerminalLines() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) {
    return kLinesIfNoTerminal;
  }
  return size.ws_row;
}

void Print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

absl::Status Watch(client::Client* client, const TopOptions& options, Interrupt* interrupt) {
  Look before;
  absl::Status status = TakeLook(client, &before);
  const bool clears = !options.once && ::isatty(STDOUT_FILENO) != 0;
  while (status.ok()) {
    if (interrupt->WaitFor(Seconds(options.interval_seconds)) == Interrupt::Cause::kSignal) break;
    Look now;
    status = TakeLook(client, &now);
    if (!status.ok()) break;
    Print(std::string(clears ? kHomeAndClear : "") + TopScreen(before, now, TerminalLines()));
    if (options.once) break;
    before = std::move(now);
  }
  return status;
}

}  // namespace

int Run(const GlobalOptions& global, const TopOptions& options, Interrupt& interrupt) {
  int exit_code = kExitOk;
  const auto client = ConnectOrComplain(global, {}, /*reconnect=*/false, &exit_code);
  if (client == nullptr) return exit_code;
  const absl::Status status = Watch(client.get(), options, &interrupt);
  if (status.ok()) return kExitOk;
  Complain("top", status);
  return ExitCodeOf(status);
}

}  // namespace esockets::cli
