// esockets ping
#include <algorithm>
#include <cstdio>
#include <string>

#include "absl/strings/str_format.h"
#include "base/clock.h"
#include "clients/cli/commands.h"
#include "clients/cli/connect.h"
#include "clients/cli/exit_code.h"

namespace esockets::cli {
namespace {

struct Times {
  double min_ms = 1e300;
  double max_ms = 0;
  double sum_ms = 0;
  uint64_t count = 0;

  void Add(double ms) {
    min_ms = std::min(min_ms, ms);
    max_ms = std::max(max_ms, ms);
    sum_ms += ms;
    ++count;
  }
};

void Print(const GlobalOptions& global, const std::string& text, const std::string& json) {
  std::fputs((global.json ? json : text).c_str(), stdout);
  std::fflush(stdout);
}

absl::Status PingAll(client::Client* client, const GlobalOptions& global,
                     const PingOptions& options, Interrupt* interrupt, Times* times) {
  const base::SystemClock clock;
  while (times->count < options.count) {
    const bool first = times->count == 0;
    const base::Duration pause = first ? base::Duration::zero() : Seconds(options.interval_seconds);
    if (interrupt->WaitFor(pause) == Interrupt::Cause::kSignal) break;
    const base::TimePoint sent = clock.Now();
    absl::Status status = client->Flush(Seconds(global.timeout_seconds));
    if (!status.ok()) return status;
    const double ms = std::chrono::duration<double, std::milli>(clock.Now() - sent).count();
    times->Add(ms);
    Print(global, absl::StrFormat("pong %d from %s: %.3f ms\n", times->count, global.server, ms),
          absl::StrFormat("{\"number\":%d,\"ms\":%.3f}\n", times->count, ms));
  }
  return absl::OkStatus();
}

}  // namespace

int Run(const GlobalOptions& global, const PingOptions& options, Interrupt& interrupt) {
  int exit_code = kExitOk;
  const auto client = ConnectOrComplain(global, {}, /*reconnect=*/false, &exit_code);
  if (client == nullptr) return exit_code;
  Times times;
  const absl::Status status = PingAll(client.get(), global, options, &interrupt, &times);
  if (times.count > 1 && !global.json) {
    Print(global,
          absl::StrFormat("min %.3f  mean %.3f  max %.3f ms\n", times.min_ms,
                          times.sum_ms / static_cast<double>(times.count), times.max_ms),
          "");
  }
  if (status.ok()) return kExitOk;
  Complain("ping", status);
  return ExitCodeOf(status);
}

}  // namespace esockets::cli
