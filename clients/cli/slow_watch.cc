#include "clients/cli/slow_watch.h"

#include <atomic>
#include <cstdio>

#include "base/clock.h"
#include "clients/cli/admin_request.h"
#include "clients/cli/connect.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/format.h"
#include "clients/cli/slow_tables.h"
#include "proto/admin.pb.h"
#include "proto/message_json.h"

namespace esockets::cli {
namespace {

constexpr base::Duration kSecond = std::chrono::seconds(1);

// Thread: any; a line is written whole.
class Printer {
 public:
  Printer(bool json, const std::string& client_id, Interrupt* interrupt)
      : json_(json), client_id_(client_id), interrupt_(*interrupt) {}

  void OnEvent(const client::MessageView& message) {
    admin::SlowClient client;
    if (!client.ParseFromArray(message.payload.data(), static_cast<int>(message.payload.size()))) {
      return Complain("slow", absl::InternalError("an event could not be understood"));
    }
    if (client_id_.empty() || client.client_id() == client_id_) PrintLine(client);
  }

  void PrintLine(const admin::SlowClient& client) {
    const int64_t time_us = base::SystemClock().WallMicros();
    if (json_) {
      nlohmann::ordered_json json{{"time", FormatTime(time_us)}};
      json.update(proto::ToJson(client));
      PrintJson(json);
    } else {
      Print(SlowLine(client, time_us));
    }
    if (std::fflush(stdout) == 0) return;
    broken_ = true;
    interrupt_.Wake();
  }

  bool broken() const { return broken_; }

 private:
  const bool json_;
  const std::string& client_id_;
  Interrupt& interrupt_;
  std::atomic<bool> broken_{false};
};

absl::Status PrintSlowNow(client::Client* client, const std::string& client_id, Printer* printer) {
  admin::SlowRequest request;
  request.set_client_id(client_id);
  admin::Slow slow;
  absl::Status status = Ask(client, "$SYS/slow", request, &slow);
  for (const admin::SlowClient& slow_client : slow.clients()) {
    if (slow_client.verdict() != kCaughtUp) printer->PrintLine(slow_client);
  }
  return status;
}

// Until Ctrl-C, the end of the client, or of what reads stdout.
absl::Status Await(const client::Client& client, const Printer& printer, Interrupt* interrupt) {
  while (true) {
    if (printer.broken()) return absl::InvalidArgumentError("cannot write to stdout");
    if (client.state() == client::State::kClosed) return client.reason();
    if (interrupt->Wait() == Interrupt::Cause::kSignal) return absl::OkStatus();
  }
}

}  // namespace

int WatchSlow(const GlobalOptions& global, const std::string& client_id, Interrupt* interrupt) {
  Printer printer(global.json, client_id, interrupt);
  int exit_code = kExitOk;
  const auto client =
      ConnectOrComplain(global, WatchEvents("slow", interrupt), /*reconnect=*/true, &exit_code);
  if (client == nullptr) return exit_code;
  // First this, or what changes in between would be missed.
  absl::Status status =
      client
          ->Subscribe("$SYS/slow", {},
                      [&printer](const client::MessageView& event) { printer.OnEvent(event); })
          .status();
  if (status.ok()) status = PrintSlowNow(client.get(), client_id, &printer);
  if (status.ok()) status = Await(*client, printer, interrupt);
  client->Close(kSecond).IgnoreError();  // nothing of ours is under way
  if (status.ok()) return kExitOk;
  Complain("slow", status);
  return ExitCodeOf(status);
}

}  // namespace esockets::cli
