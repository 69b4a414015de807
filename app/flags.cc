#include "app/flags.h"

#include <cstdlib>
#include <utility>

#include "CLI/CLI.hpp"
#include "app/broker_server.h"
#include "base/strings.h"

namespace esockets::app {
namespace {

constexpr int kExitUsage = 2;

// `bazel run` starts the program in a folder of its own: a path means the one where the user is.
std::string FromUsersFolder(const std::string& path) {
  const char* folder = std::getenv("BUILD_WORKING_DIRECTORY");
  if (folder == nullptr || path.empty() || path[0] == '/') return path;
  return base::StrCat(std::string_view(folder), "/", path);
}

void AddFlags(CLI::App* cli, Flags* flags) {
  cli->set_version_flag("--version", std::string(BrokerVersion()));
  cli->add_option("--config", flags->config,
                  "configuration, text-format protobuf (see docs/broker.textproto)")
      ->type_name("FILE");
  cli->add_flag("--check_config", flags->check_config,
                "say whether the configuration is right, and end");
  cli->add_option("--host", flags->host, "address to listen on (127.0.0.1)");
  cli->add_option("--port", flags->port, "port to listen on (1234); 0: a free one");
  cli->add_option("--listen", flags->listen, "HOST:PORT, [IPV6]:PORT or unix:PATH; several times")
      ->excludes("--host")
      ->excludes("--port");
  cli->add_option("--admin_listen", flags->admin_listen,
                  "where administration over HTTP listens (127.0.0.1:9234); off: nowhere");
  cli->add_option("--serve", flags->serve,
                  "serve a folder's files over HTTP: /PATH=FOLDER; several times");
  cli->add_option("--loops", flags->loops, "event loops, each on a thread; 0: one per core (0)");
  cli->add_option("--log_level", flags->log_level, "debug, info, warning, error or off (info)");
  cli->add_option("--drain_timeout_ms", flags->drain_timeout_ms,
                  "how long SIGTERM waits for clients (10000)");
  cli->add_flag("--recv_queue", flags->recv_queue,
                "keep each client's newest published messages for `esockets recv`");
  cli->add_flag("--allow_remote_without_auth", flags->allow_remote_without_auth,
                "listen beyond this machine although there are no users");
}

absl::Status AddServed(const std::vector<std::string>& served, LoadedConfig* loaded) {
  for (const std::string& text : served) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos) {
      return base::Error(absl::StatusCode::kInvalidArgument,
                         "--serve: must be /PATH=FOLDER, not \"", text, "\"");
    }
    Serve& serve = *loaded->config.add_serve();
    serve.set_path(text.substr(0, equals));
    serve.set_folder(FromUsersFolder(text.substr(equals + 1)));
    loaded->places.Set(base::StrCat("serve[", loaded->config.serve_size() - 1, "]"), "--serve");
  }
  return absl::OkStatus();
}

}  // namespace

std::optional<int> ParseFlags(int argc, char** argv, Flags* flags) {
  CLI::App cli("A message broker for very many clients.", "broker");
  cli.footer(
      "Examples:\n"
      "  broker                                 on 127.0.0.1:1234\n"
      "  broker --port=4000\n"
      "  broker --config=broker.textproto\n"
      "  broker --listen=127.0.0.1:1234 --listen=unix:/tmp/esockets.sock\n"
      "Exit codes: 0 stopped, 1 cannot listen, 2 wrong flags or configuration.");
  AddFlags(&cli, flags);
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? 0 : kExitUsage;
  }
  flags->config = FromUsersFolder(flags->config);
  return std::nullopt;
}

absl::StatusOr<LoadedConfig> LoadConfig(const Flags& flags) {
  LoadedConfig loaded;
  if (!flags.config.empty()) {
    absl::StatusOr<LoadedConfig> read = ReadConfig(flags.config);
    if (!read.ok()) return read;
    loaded = *std::move(read);
  }
  Config& config = loaded.config;
  Places& places = loaded.places;
  if (flags.host || flags.port) {
    const std::string host = flags.host.value_or("127.0.0.1");
    const bool ipv6 = host.find(':') != std::string::npos;
    config.clear_listen();
    config.add_listen(
        base::StrCat(ipv6 ? "[" : "", host, ipv6 ? "]" : "", ":", flags.port.value_or(1234)));
    places.Replace("listen", flags.host ? "--host" : "--port");
  }
  if (!flags.listen.empty()) {
    config.clear_listen();
    places.Replace("listen", "--listen");
  }
  for (const std::string& address : flags.listen) config.add_listen(address);
  if (!flags.admin_listen.empty()) {
    config.clear_admin_listen();
    places.Replace("admin_listen", "--admin_listen");
  }
  for (const std::string& address : flags.admin_listen) config.add_admin_listen(address);
  if (absl::Status status = AddServed(flags.serve, &loaded); !status.ok()) return status;
  if (flags.loops) {
    config.set_loops(*flags.loops);
    places.Replace("loops", "--loops");
  }
  if (flags.log_level) {
    config.set_log_level(*flags.log_level);
    places.Replace("log_level", "--log_level");
  }
  if (flags.drain_timeout_ms) config.set_drain_timeout_ms(*flags.drain_timeout_ms);
  if (flags.recv_queue) config.mutable_recv_queue()->set_enabled(true);
  if (flags.allow_remote_without_auth) config.set_allow_remote_without_auth(true);
  return loaded;
}

}  // namespace esockets::app
