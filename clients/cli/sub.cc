// esockets sub
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/strings.h"
#include "base/topic.h"
#include "clients/cli/commands.h"
#include "clients/cli/connect.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/format.h"
#include "clients/cli/group_words.h"
#include "clients/cli/start_words.h"
#include "clients/cpp/client.h"

namespace esockets::cli {
namespace {

constexpr base::Duration kSecond = std::chrono::seconds(1);
constexpr auto kGroupsOwn = client::GroupStrategy::kUnspecified;

// Prints on the client's loop: when stdout takes no more, nothing more is read from the broker, and
// the subscription's overflow rules.
class Printer {
 public:
  Printer(const SubOptions& options, MessageFormat format, Interrupt* interrupt)
      : options_(options), format_(format), interrupt_(*interrupt) {}

  // A message that came for the filter with this index. One that several filters match is printed
  // for the first of them.
  void OnMessage(size_t index, const client::MessageView& message) {
    for (size_t i = 0; i < index; ++i) {
      if (base::FilterMatches(options_.filters[i], message.topic)) return;
    }
    if (done()) return;
    const int64_t time_us = options_.timestamps ? base::SystemClock().WallMicros() : 0;
    const std::string text =
        FormatMessage(format_, message, {.time_us = time_us, .position = options_.positions});
    std::fwrite(text.data(), 1, text.size(), stdout);
    if (std::fflush(stdout) != 0) broken_ = true;
    ++printed_;
    if (done()) interrupt_.Wake();
  }

  // All last values of this filter have come.
  void OnSnapshotEnd(const std::string& filter) {
    const std::lock_guard lock(mutex_);
    ended_.insert(filter);
    interrupt_.Wake();
  }
  // These are all that come.
  void ExpectSnapshots(std::set<std::string> filters) {
    const std::lock_guard lock(mutex_);
    expected_ = std::move(filters);
  }

  bool broken() const { return broken_; }
  bool complete() const {
    return (options_.count > 0 && printed_ >= options_.count) || has_snapshots();
  }
  bool done() const { return broken_ || complete(); }

 private:
  bool has_snapshots() const {
    const std::lock_guard lock(mutex_);
    return expected_ && std::ranges::includes(ended_, *expected_);
  }

  const SubOptions& options_;
  const MessageFormat format_;
  Interrupt& interrupt_;
  std::atomic<uint64_t> printed_{0};
  std::atomic<bool> broken_{false};
  mutable std::mutex mutex_;
  std::set<std::string> ended_;                    // filters
  std::optional<std::set<std::string>> expected_;  // nothing: it is not known yet, or not wanted
};

client::Overflow OverflowOf(std::string_view name) {
  if (name == "drop-oldest") return client::Overflow::kDropOldest;
  if (name == "drop-newest") return client::Overflow::kDropNewest;
  if (name == "conflate") return client::Overflow::kConflate;
  if (name == "replay") return client::Overflow::kReplay;
  return name == "disconnect" ? client::Overflow::kDisconnect : client::Overflow::kDefault;
}

// REQUIRES: it was parsed before.
client::Start StartOf(const SubOptions& options) {
  const auto start = ParseStart(options.from, base::SystemClock().WallMicros());
  return start.value_or(client::Start::Now());
}

client::SubscribeOptions SubscribeOptionsOf(const SubOptions& options) {
  return {.group = options.group.name,
          .group_strategy = ParseGroupStrategy(options.group.strategy).value_or(kGroupsOwn),
          .overflow = OverflowOf(options.overflow),
          .start = StartOf(options),
          .max_backlog_messages = options.backlog_messages,
          .max_backlog_bytes = options.backlog_bytes,
          .max_backlog_age_ms = options.backlog_age_ms};
}

std::optional<client::LastWill> WillOf(const SubOptions& options) {
  if (options.will_topic.empty()) return std::nullopt;
  return client::LastWill{.topic = options.will_topic,
                          .payload = options.will_message,
                          .delay = std::chrono::milliseconds(options.will_delay_ms)};
}

void Say(const std::string& text) {
  std::fputs(base::StrCat("esockets: ", text, "\n").c_str(), stderr);
}

absl::Status SubscribeAll(client::Client* client, const SubOptions& options, Printer* printer) {
  std::set<std::string> snapshots;
  for (size_t i = 0; i < options.filters.size(); ++i) {
    const auto subscription = client->Subscribe(
        options.filters[i], SubscribeOptionsOf(options),
        [printer, i](const client::MessageView& message) { printer->OnMessage(i, message); });
    if (!subscription.ok()) return subscription.status();
    if (options.snapshot && !(*subscription)->last_values()) {
      return absl::InvalidArgumentError(
          base::StrCat("the broker keeps no last values of ", options.filters[i]));
    }
    snapshots.insert(options.filters[i]);
    if (auto stream = (*subscription)->stream()) {
      stream->filter = options.filters[i];
      if (options.from == "all") stream->recovered = true;  // it is all that there is
      if (options.positions || !stream->recovered) Say(FormatStart(*stream, "begins"));
    }
  }
  if (options.snapshot) printer->ExpectSnapshots(std::move(snapshots));
  return absl::OkStatus();
}

// Until the count is reached, or all last values have come, Ctrl-C, the end of the client, or of
// the time.
absl::Status Await(const client::Client& client, const SubOptions& options, const Printer& printer,
                   Interrupt* interrupt) {
  const bool limited = options.within_seconds > 0;
  const base::TimePoint deadline = base::SystemClock().Now() + Seconds(options.within_seconds);
  while (true) {
    if (printer.complete()) return absl::OkStatus();
    if (printer.broken()) return absl::InvalidArgumentError("cannot write to stdout");
    if (client.state() == client::State::kClosed) return client.reason();
    const auto cause =
        limited ? interrupt->WaitFor(deadline - base::SystemClock().Now()) : interrupt->Wait();
    if (cause == Interrupt::Cause::kWoken || printer.complete()) continue;
    // Without a count there is no other way to end.
    if (options.count == 0 && !options.snapshot) return absl::OkStatus();
    return cause == Interrupt::Cause::kSignal
               ? absl::CancelledError("interrupted")
               : absl::DeadlineExceededError("not all messages in time");
  }
}

}  // namespace

int Run(const GlobalOptions& global, const SubOptions& options, Interrupt& interrupt) {
  Printer printer(options, global.json ? MessageFormat::kJson : FormatOf(options.format),
                  &interrupt);
  int exit_code = kExitOk;
  client::ClientEvents events = WatchEvents("sub", &interrupt);
  events.on_snapshot_end = [&printer](const std::string& filter) { printer.OnSnapshotEnd(filter); };
  events.on_resumed = [&options](const client::StreamStart& resumed) {
    if (options.positions || !resumed.recovered) Say(FormatStart(resumed, "goes on"));
  };
  const auto client =
      ConnectOrComplain(global, std::move(events), /*reconnect=*/true, &exit_code, WillOf(options));
  if (client == nullptr) return exit_code;
  absl::Status status = SubscribeAll(client.get(), options, &printer);
  if (status.ok()) status = Await(*client, options, printer, &interrupt);
  client->Close(kSecond).IgnoreError();  // nothing of ours is under way
  if (status.ok()) return kExitOk;
  Complain("sub", status);
  return ExitCodeOf(status);
}

}  // namespace esockets::cli
