#include "clients/cli/connect.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>

#include "base/strings.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/format.h"

namespace esockets::cli {

namespace {

// Of a file that holds a secret.
absl::StatusOr<std::string> FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (std::getline(file, line)) return line;
  return base::Error(absl::StatusCode::kInvalidArgument, "cannot read the first line of ", path);
}

}  // namespace

absl::StatusOr<client::ClientOptions> ClientOptionsOf(const GlobalOptions& global) {
  client::ClientOptions options{.address = global.server,
                                .tls = global.tls,
                                .client_id = global.client_id,
                                .user = global.user,
                                .name = "esockets"};
  options.connect_timeout = Seconds(global.timeout_seconds);
  options.request_timeout = Seconds(global.timeout_seconds);
  if (!global.token_file.empty()) {
    if (auto token = FirstLine(global.token_file); !token.ok()) return token.status();
    options.token_source = [path = global.token_file](const client::TellToken& tell) {
      tell(FirstLine(path));
    };
  } else if (const char* token = std::getenv("ESOCKETS_TOKEN")) {
    options.token = token;
  }
  if (!global.password_file.empty()) {
    auto password = FirstLine(global.password_file);
    if (!password.ok()) return password.status();
    options.password = *std::move(password);
  } else if (const char* password = std::getenv("ESOCKETS_PASSWORD")) {
    options.password = password;
  }
  return options;
}

std::unique_ptr<client::Client> ConnectOrComplain(const GlobalOptions& global,
                                                  client::ClientEvents events, bool reconnect,
                                                  int* exit_code,
                                                  std::optional<client::LastWill> will) {
  auto options = ClientOptionsOf(global);
  if (!options.ok()) {
    Complain("credentials", options.status());
    *exit_code = kExitUsage;
    return nullptr;
  }
  options->reconnect = reconnect;
  options->will = std::move(will);
  auto connected = client::Client::Connect(*std::move(options), std::move(events));
  if (connected.ok()) return *std::move(connected);
  Complain("connect", connected.status());
  if (connected.status().message().find("TLS: certificate") != absl::string_view::npos) {
    std::fputs(
        "esockets: --ca FILE says which authorities are trusted, --tls_name what the "
        "certificate must name\n",
        stderr);
  }
  *exit_code = ConnectExitCodeOf(connected.status());
  return nullptr;
}

client::ClientEvents WatchEvents(std::string name, Interrupt* interrupt) {
  client::ClientEvents events;
  events.on_gap = [](const client::Gap& gap) {
    std::fputs(base::StrCat("esockets: ", FormatGap(gap), "\n").c_str(), stderr);
  };
  events.on_error = [name = std::move(name)](const absl::Status& error) { Complain(name, error); };
  events.on_state_change = [interrupt](client::State state, const absl::Status& reason) {
    if (state == client::State::kWaiting) Complain("connection lost, trying again", reason);
    if (state == client::State::kClosed) interrupt->Wake();
  };
  return events;
}

base::Duration Seconds(double seconds) {
  return std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(seconds));
}

}  // namespace esockets::cli
