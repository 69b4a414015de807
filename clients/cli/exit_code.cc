#include "clients/cli/exit_code.h"

#include <cstdio>
#include <string>

#include "base/strings.h"
#include "clients/cpp/status.h"

namespace esockets::cli {

ExitCode ExitCodeOf(const absl::Status& status) {
  if (status.ok()) return kExitOk;
  if (client::BrokerCode(status) != 0) return kExitRefused;
  if (absl::IsUnimplemented(status)) return kExitRefused;
  if (absl::IsDeadlineExceeded(status)) return kExitTimeout;
  if (absl::IsInvalidArgument(status) || absl::IsAlreadyExists(status)) return kExitUsage;
  if (absl::IsCancelled(status)) return kExitInterrupted;
  return kExitLost;
}

ExitCode ConnectExitCodeOf(const absl::Status& status) {
  if (status.ok()) return kExitOk;
  if (client::BrokerCode(status) != 0) return kExitRefused;
  return absl::IsInvalidArgument(status) ? kExitUsage : kExitCannotConnect;
}

ExitCode ExitCodeOf(const client::Delivery& delivery) {
  if (delivery.written == delivery.matched) return kExitOk;
  const bool waits = delivery.written + delivery.queued == delivery.matched;
  return waits ? kExitTimeout : kExitNotWritten;
}

void Complain(std::string_view what, const absl::Status& why) {
  const std::string line = base::StrCat("esockets: ", what, ": ", base::Message(why), "\n");
  std::fputs(line.c_str(), stderr);
}

}  // namespace esockets::cli
