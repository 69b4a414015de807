// esockets reply
#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/strings.h"
#include "clients/cli/child_process.h"
#include "clients/cli/commands.h"
#include "clients/cli/connect.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/group_words.h"
#include "clients/cpp/client.h"

namespace esockets::cli {
namespace {

constexpr base::Duration kSecond = std::chrono::seconds(1);
// How long Ctrl-C may go unnoticed while nothing is asked.
constexpr base::Duration kLook = std::chrono::milliseconds(100);

void ComplainOf(const std::string& failure) {
  Complain("reply", base::Error(absl::StatusCode::kAborted, failure));
}

client::SubscribeOptions SubscribeOptionsOf(const GroupOptions& group) {
  const auto strategy = ParseGroupStrategy(group.strategy);
  return {.group = group.name,
          .group_strategy = strategy.value_or(client::GroupStrategy::kUnspecified)};
}

class Responder {
 public:
  Responder(client::Client* client, const ReplyOptions& options, Interrupt* interrupt)
      : client_(*client), options_(options), interrupt_(*interrupt) {}

  // Until it has answered so many, or Ctrl-C, or the end of the client.
  absl::Status Serve(client::PullSubscription* requests) {
    while (options_.count == 0 || answered_ < options_.count) {
      if (interrupt_.interrupted()) return Interrupted();
      const absl::StatusOr<client::Message> request = requests->Receive(kLook);
      if (absl::IsDeadlineExceeded(request.status())) continue;
      if (!request.ok()) return request.status();
      if (request->reply_to.empty()) {
        ComplainOf(base::StrCat("a message without reply_to on ", request->topic));
        continue;
      }
      if (absl::Status status = Answer(*request); !status.ok()) return status;
      ++answered_;
    }
    return absl::OkStatus();
  }

 private:
  // Without a count there is no other way to end.
  absl::Status Interrupted() const {
    return options_.count == 0 ? absl::OkStatus() : absl::CancelledError("interrupted");
  }

  // One at a time. A command that fails is told here and to who asked.
  absl::Status Answer(const client::Message& request) {
    const absl::StatusOr<Outcome> outcome =
        RunCommand(options_.command, request.topic, request.payload, &interrupt_);
    if (absl::IsCancelled(outcome.status())) return Interrupted();
    if (!outcome.ok()) {
      Send(request, "", "the command cannot be started");
      return outcome.status();
    }
    Send(request, outcome->output, outcome->failure);
    return absl::OkStatus();
  }

  void Send(const client::Message& request, const std::string& output, const std::string& failure) {
    client::PublishOptions options;
    if (!failure.empty()) {
      ComplainOf(base::StrCat(options_.command[0], ": ", failure));
      options.headers.emplace_back(client::kErrorHeader, failure);
    }
    const absl::Status status = client_.Publish(request.reply_to, output, options);
    if (status.ok()) return;
    Complain("reply", status);
    if (failure.empty()) Send(request, "", "its output is no answer");
  }

  client::Client& client_;
  const ReplyOptions& options_;
  Interrupt& interrupt_;
  uint64_t answered_ = 0;
};

}  // namespace

int Run(const GlobalOptions& global, const ReplyOptions& options, Interrupt& interrupt) {
  int exit_code = kExitOk;
  const auto client =
      ConnectOrComplain(global, WatchEvents("reply", &interrupt), /*reconnect=*/true, &exit_code);
  if (client == nullptr) return exit_code;
  const auto requests = client->Subscribe(options.filter, SubscribeOptionsOf(options.group));
  absl::Status status = requests.status();
  if (status.ok()) {
    status = Responder(client.get(), options, &interrupt).Serve(requests->get());
  }
  if (client->state() != client::State::kClosed) {
    const absl::Status flushed = client->Flush(Seconds(global.timeout_seconds));
    status.Update(flushed);
  }
  client->Close(kSecond).IgnoreError();  // every answer is with the broker
  if (status.ok()) return kExitOk;
  Complain("reply", status);
  return ExitCodeOf(status);
}

}  // namespace esockets::cli
