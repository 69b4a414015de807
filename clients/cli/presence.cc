// esockets presence
#include <cstdio>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "clients/cli/commands.h"
#include "clients/cli/connect.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/presence_lines.h"
#include "clients/cpp/client.h"

namespace esockets::cli {
namespace {

constexpr base::Duration kSecond = std::chrono::seconds(1);

// Prints on the client's loop.
class Printer {
 public:
  Printer(const PresenceOptions& options, bool json, Interrupt* interrupt)
      : options_(options), json_(json), interrupt_(*interrupt) {}

  void OnNews(const client::PresenceNews& news) {
    if (!news.ended.ok()) return End(news.ended);
    const std::string& topic = options_.topic;
    const std::string text =
        options_.watch ? (json_ ? FormatNewsJson(topic, news) : FormatNews(topic, news))
                       : (json_ ? FormatRosterJson(topic, news) : FormatRoster(topic, news));
    // Without --watch there is one.
    if (!options_.watch && !news.first) return;
    std::fwrite(text.data(), 1, text.size(), stdout);
    if (std::fflush(stdout) != 0) return End(absl::InvalidArgumentError("cannot write to stdout"));
    if (!options_.watch) End(absl::OkStatus());
  }

  // When nothing is printed any more.
  bool ended(absl::Status* status) const {
    const std::lock_guard lock(mutex_);
    *status = status_;
    return ended_;
  }

 private:
  void End(const absl::Status& status) {
    {
      const std::lock_guard lock(mutex_);
      if (!ended_) status_ = status;
      ended_ = true;
    }
    interrupt_.Wake();
  }

  const PresenceOptions& options_;
  const bool json_;
  Interrupt& interrupt_;
  mutable std::mutex mutex_;
  bool ended_ = false;
  absl::Status status_;
};

// Until Ctrl-C, the end of the client, or all is printed.
absl::Status Await(const client::Client& client, const GlobalOptions& global,
                   const PresenceOptions& options, const Printer& printer, Interrupt* interrupt) {
  const base::TimePoint deadline = base::SystemClock().Now() + Seconds(global.timeout_seconds);
  absl::Status status;
  while (!printer.ended(&status)) {
    if (client.state() == client::State::kClosed) return client.reason();
    const auto cause = options.watch ? interrupt->Wait()
                                     : interrupt->WaitFor(deadline - base::SystemClock().Now());
    if (cause == Interrupt::Cause::kWoken) continue;
    if (options.watch) return absl::OkStatus();
    return cause == Interrupt::Cause::kSignal ? absl::CancelledError("interrupted")
                                              : absl::DeadlineExceededError("no answer in time");
  }
  return status;
}

}  // namespace

int Run(const GlobalOptions& global, const PresenceOptions& options, Interrupt& interrupt) {
  Printer printer(options, global.json, &interrupt);
  int exit_code = kExitOk;
  const auto client = ConnectOrComplain(global, WatchEvents("presence", &interrupt),
                                        /*reconnect=*/options.watch, &exit_code);
  if (client == nullptr) return exit_code;
  const auto watch = client->WatchPresence(
      options.topic, [&printer](const client::PresenceNews& news) { printer.OnNews(news); });
  const absl::Status status =
      watch.ok() ? Await(*client, global, options, printer, &interrupt) : watch.status();
  if (watch.ok()) (*watch)->Stop();
  client->Close(kSecond).IgnoreError();  // nothing of ours is under way
  if (status.ok()) return kExitOk;
  Complain("presence", status);
  return ExitCodeOf(status);
}

}  // namespace esockets::cli
