// Questions to the broker's administration, and their answers on stdout.
#ifndef CLIENTS_CLI_ADMIN_REQUEST_H_
#define CLIENTS_CLI_ADMIN_REQUEST_H_

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "base/strings.h"
#include "clients/cli/command_line.h"
#include "clients/cpp/client.h"
#include "google/protobuf/message.h"
#include "nlohmann/json.hpp"

namespace esockets::cli {

// Connects and does `what`, the work of the subcommand `name`; complains of what failed, and
// returns the exit code.
int WithClient(const GlobalOptions& global, std::string_view name,
               const std::function<absl::Status(client::Client*)>& what);

// Sends `request` to the topic `topic` of admin.proto and reads the answer into `reply`.
absl::Status Ask(client::Client* client, std::string_view topic,
                 const google::protobuf::Message& request, google::protobuf::Message* reply);

// To stdout; one line of JSON.
void Print(std::string_view text);
void PrintJson(const nlohmann::ordered_json& json);

// Page after page into `all`. `go_on(page, &request)` lets the request ask for what is behind the
// page; false: there is nothing on it.
template <typename Request, typename Page, typename GoOn>
absl::Status AskPages(client::Client* client, std::string_view topic, Request request, Page* all,
                      GoOn go_on) {
  do {
    Page page;
    absl::Status status = Ask(client, topic, request, &page);
    if (!status.ok()) return status;
    all->MergeFrom(page);
    all->set_more(page.more() && go_on(page, &request));
  } while (all->more());
  return absl::OkStatus();
}

}  // namespace esockets::cli

#endif  // CLIENTS_CLI_ADMIN_REQUEST_H_
