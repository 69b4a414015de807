// esockets req
#include <cstdio>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/strings.h"
#include "clients/cli/commands.h"
#include "clients/cli/connect.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/format.h"
#include "clients/cpp/client.h"
#include "clients/cpp/completion.h"

namespace esockets::cli {
namespace {

constexpr base::Duration kSecond = std::chrono::seconds(1);

using Replies = std::vector<client::Message>;

client::RequestOptions RequestOptionsOf(const GlobalOptions& global, const ReqOptions& options) {
  const bool gathers = options.gather_seconds > 0;
  return {.replies_max = options.count > 0 ? options.count : size_t{gathers ? 0U : 1U},
          .timeout = Seconds(gathers ? options.gather_seconds : global.timeout_seconds)};
}

std::string PayloadOf(const ReqOptions& options) {
  if (options.payload) return *options.payload;
  return {std::istreambuf_iterator<char>(std::cin), {}};
}

// Waits so that Ctrl-C ends it.
absl::StatusOr<Replies> Ask(client::Client* client, const GlobalOptions& global,
                            const ReqOptions& options, Interrupt* interrupt) {
  const auto answer = std::make_shared<client::Completion<Replies>>();
  absl::Status status =
      client->RequestAsync(options.topic, PayloadOf(options), RequestOptionsOf(global, options),
                           [answer, interrupt](absl::StatusOr<Replies> replies) {
                             answer->Set(std::move(replies));
                             interrupt->Wake();
                           });
  if (!status.ok()) return status;
  // Its own time ends it.
  if (interrupt->Wait() == Interrupt::Cause::kSignal) return absl::CancelledError("interrupted");
  return answer->Wait();
}

// Prints them; kExitReplyFailed if one is an error.
ExitCode Print(const Replies& replies, bool json) {
  ExitCode exit_code = kExitOk;
  for (const client::Message& reply : replies) {
    const std::string text = FormatReply(reply, json);
    std::fwrite(text.data(), 1, text.size(), stdout);
    if (const auto error = client::ErrorIn(reply)) {
      Complain("req",
               base::Error(absl::StatusCode::kAborted, "who was asked has failed: ", *error));
      exit_code = kExitReplyFailed;
    }
  }
  return exit_code;
}

}  // namespace

int Run(const GlobalOptions& global, const ReqOptions& options, Interrupt& interrupt) {
  int exit_code = kExitOk;
  const auto client = ConnectOrComplain(global, {}, /*reconnect=*/false, &exit_code);
  if (client == nullptr) return exit_code;
  const absl::StatusOr<Replies> replies = Ask(client.get(), global, options, &interrupt);
  client->Close(kSecond).IgnoreError();  // nothing of ours is under way
  if (!replies.ok()) {
    Complain("req", replies.status());
    return ExitCodeOf(replies.status());
  }
  const ExitCode printed = Print(*replies, global.json);
  if (replies->size() >= options.count) return printed;
  Complain("req", base::Error(absl::StatusCode::kDeadlineExceeded, replies->size(), " of ",
                              options.count, " answers in time"));
  return kExitTimeout;
}

}  // namespace esockets::cli
