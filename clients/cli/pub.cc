// esockets pub
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/strings.h"
#include "clients/cli/commands.h"
#include "clients/cli/connect.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/format.h"
#include "clients/cli/line_reader.h"
#include "clients/cli/progress.h"
#include "clients/cpp/client.h"
#include "clients/cpp/completion.h"

namespace esockets::cli {
namespace {

constexpr base::Duration kSecond = std::chrono::seconds(1);

// The first refusal of a message that nobody waited for.
class FirstError {
 public:
  void Note(const absl::Status& status) {
    const std::lock_guard lock(mutex_);
    status_.Update(status);
  }
  absl::Status status() const {
    const std::lock_guard lock(mutex_);
    return status_;
  }

 private:
  mutable std::mutex mutex_;
  absl::Status status_;
};

absl::StatusOr<client::PublishOptions> PublishOptionsOf(const PubOptions& options) {
  client::PublishOptions publish{.reply_to = options.reply_to,
                                 .key = options.key,
                                 .ttl_ms = options.ttl_ms,
                                 .message_id = options.message_id};
  for (const std::string& header : options.headers) {
    const size_t equals = header.find('=');
    if (equals == std::string::npos) {
      return base::Error(absl::StatusCode::kInvalidArgument, "--header is NAME=VALUE: ", header);
    }
    publish.headers.emplace_back(header.substr(0, equals), header.substr(equals + 1));
  }
  return publish;
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const auto all_of = [](std::istream& in) {
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  if (path == "-") return all_of(std::cin);
  std::ifstream file(path, std::ios::binary);
  if (!file) return base::Error(absl::StatusCode::kInvalidArgument, "cannot read ", path);
  return all_of(file);
}

class Publisher {
 public:
  Publisher(client::Client* client, const GlobalOptions& global, const PubOptions& options,
            client::PublishOptions publish, Interrupt* interrupt)
      : client_(*client),
        global_(global),
        options_(options),
        publish_(std::move(publish)),
        interrupt_(*interrupt),
        interval_(options.rate > 0 ? Seconds(1 / options.rate) : base::Duration::zero()),
        next_(base::SystemClock().Now()) {}

  absl::Status Repeat(const std::string& message) {
    Progress progress(options_.count, shows_progress());
    absl::Status status;
    for (uint64_t i = 0; status.ok() && i < options_.count; ++i) {
      status = One(message);
      progress.Update(i + 1);
    }
    return status;
  }

  absl::Status Lines() {
    Progress progress(0, shows_progress() && ::isatty(STDIN_FILENO) == 0);
    LineReader input(STDIN_FILENO, &interrupt_);
    std::string line;
    absl::Status status;
    for (uint64_t i = 1; status.ok() && input.Next(&line); ++i) {
      status = One(line);
      progress.Update(i);
    }
    if (interrupt_.interrupted()) return absl::CancelledError("interrupted");
    return status;
  }

  // The worst of what became of the messages.
  ExitCode exit_code() const { return exit_code_; }

 private:
  bool shows_progress() const { return !options_.quiet && options_.confirm_seconds == 0; }

  // One message, when it is its turn.
  absl::Status One(const std::string& message) {
    if (interval_ > base::Duration::zero()) {
      const base::Duration wait = next_ - base::SystemClock().Now();
      if (wait > base::Duration::zero()) interrupt_.WaitFor(wait);
      next_ += interval_;
    }
    if (interrupt_.interrupted()) return absl::CancelledError("interrupted");
    if (options_.confirm_seconds > 0) return Confirm(message);
    // Only an answer says whether it was there already.
    if (options_.ack || !options_.message_id.empty()) return Store(message);
    return client_.Publish(options_.topic, message, publish_);
  }

  // Says where it is, if it is in a stream.
  absl::Status Store(const std::string& message) {
    const auto published = client_.PublishAndStore(options_.topic, message, publish_);
    if (!published.ok()) return published.status();
    if (const std::optional<client::Stored>& stored = *published) {
      Print(global_.json ? FormatStoredJson(*stored) : FormatStored(*stored));
    }
    return absl::OkStatus();
  }

  // Says what became of the message. Waits so that Ctrl-C ends it.
  absl::Status Confirm(const std::string& message) {
    const base::Duration settle = std::chrono::seconds(options_.confirm_seconds);
    const auto answer = std::make_shared<client::Completion<client::Delivery>>();
    absl::Status status = client_.PublishAndConfirmAsync(
        options_.topic, message, settle,
        [answer, interrupt = &interrupt_](const absl::StatusOr<client::Delivery>& delivery) {
          answer->Set(delivery);
          interrupt->Wake();
        },
        publish_);
    if (!status.ok()) return status;
    const auto cause = interrupt_.WaitFor(settle + Seconds(global_.timeout_seconds));
    if (cause == Interrupt::Cause::kSignal) return absl::CancelledError("interrupted");
    const absl::StatusOr<client::Delivery> delivery = answer->Wait(base::Duration::zero());
    if (delivery.ok()) Tell(*delivery);
    return delivery.status();
  }

  void Tell(const client::Delivery& delivery) {
    Print(global_.json ? FormatDeliveryJson(delivery) : FormatDelivery(delivery));
    exit_code_ = std::max(exit_code_, ExitCodeOf(delivery));
  }

  static void Print(const std::string& text) {
    std::puts(text.c_str());
    std::fflush(stdout);
  }

  client::Client& client_;
  const GlobalOptions& global_;
  const PubOptions& options_;
  const client::PublishOptions publish_;
  Interrupt& interrupt_;
  const base::Duration interval_;
  base::TimePoint next_;
  ExitCode exit_code_ = kExitOk;
};

absl::Status PublishAll(const PubOptions& options, Publisher* publisher) {
  if (options.message) return publisher->Repeat(*options.message);
  if (options.file.empty()) return publisher->Lines();
  const absl::StatusOr<std::string> message = ReadFile(options.file);
  if (!message.ok()) return message.status();
  return publisher->Repeat(*message);
}

}  // namespace

int Run(const GlobalOptions& global, const PubOptions& options, Interrupt& interrupt) {
  auto publish = PublishOptionsOf(options);
  if (!publish.ok()) {
    Complain("pub", publish.status());
    return kExitUsage;
  }
  FirstError refused;
  int exit_code = kExitOk;
  const auto client = ConnectOrComplain(
      global, {.on_error = [&refused](const absl::Status& error) { refused.Note(error); }},
      /*reconnect=*/false, &exit_code);
  if (client == nullptr) return exit_code;
  Publisher publisher(client.get(), global, options, *std::move(publish), &interrupt);
  absl::Status status = PublishAll(options, &publisher);
  // The answer to Flush comes behind every refusal.
  status.Update(client->Flush(Seconds(global.timeout_seconds)));
  if (const absl::Status first = refused.status(); !first.ok()) status = first;
  client->Close(kSecond).IgnoreError();  // all that matters has been confirmed
  if (status.ok()) return publisher.exit_code();
  Complain("pub", status);
  return ExitCodeOf(status);
}

}  // namespace esockets::cli
