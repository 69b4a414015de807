// The load generator: measures one broker, which runs already, with one kind of work.
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/strings.h"
#include "bench/load/carrier.h"
#include "bench/load/fleet.h"
#include "bench/load/options.h"
#include "bench/load/process_usage.h"
#include "bench/load/protocol.h"
#include "bench/load/protocols.h"
#include "bench/load/result.h"
#include "bench/load/scenarios.h"
#include "bench/load/tls_carrier.h"
#include "server/socket_address.h"
#include "server/sockets.h"

namespace esockets::load {
namespace {

const std::map<std::string, Scenario>& Scenarios() {
  static const auto& scenarios = *new std::map<std::string, Scenario>{
      {"churn", Churn},
      {"fan_out", FanOut},
      {"idle", Idle},
      {"latency", Latency},
      {"many_to_many", ManyToMany},
      {"reconnect", Reconnect},
      {"replay", Replay},
      {"slow", Slow},
      {"wildcard", Wildcard},
  };
  return scenarios;
}

const std::map<std::string, const Protocol*>& Protocols() {
  static const auto& protocols = *new std::map<std::string, const Protocol*>{
      {"mqtt", &kMqttProtocol},
      {"native", &kNativeProtocol},
      {"nats", &kNatsProtocol},
      {"redis", &kRedisProtocol},
  };
  return protocols;
}

const std::map<std::string, Transport>& Transports() {
  static const std::map<std::string, Transport> transports = {
      {"tcp", Transport::kTcp},
      {"tls1.2", Transport::kTls12},
      {"tls1.3", Transport::kTls13},
      {"websocket", Transport::kWebSocket},
      {"websocket_deflate", Transport::kDeflatedWebSocket},
  };
  return transports;
}

template <typename V>
CLI::IsMember KeysOf(const std::map<std::string, V>& map) {
  std::vector<std::string> keys;
  keys.reserve(map.size());
  for (const auto& [key, value] : map) keys.push_back(key);
  return CLI::IsMember(keys);
}

int ParseOptions(int argc, char** argv, Options* options) {
  CLI::App cli("Measures a broker under load. docs/PERFORMANCE.md says how to read the figures.");
  cli.add_option("SCENARIO", options->scenario)->required()->check(KeysOf(Scenarios()));
  cli.add_option("--protocol", options->protocol)->check(KeysOf(Protocols()));
  cli.add_option("--address", options->address, "of the broker, HOST:PORT");
  cli.add_option("--transport", options->transport, "of clients that do not publish")
      ->check(KeysOf(Transports()));
  cli.add_option("--tls_address", options->tls_address, "of the broker, for clients over TLS");
  cli.add_flag("--resume", options->resume, "clients that reconnect resume a TLS session");
  cli.add_option("--server_pid", options->server_pids,
                 "process of the broker, for its CPU time and memory; may be repeated");
  cli.add_option("--cpu", options->cpu, "run on this CPU only");
  cli.add_option("--subscribers", options->subscribers)->check(CLI::PositiveNumber);
  cli.add_option("--stopped", options->stopped,
                 "of the subscribers: they read nothing while latency is measured");
  cli.add_option("--publishers", options->publishers)->check(CLI::Range(1, 1000));
  cli.add_option("--storm", options->storm,
                 "new clients that are connecting at any time, while latency is measured");
  cli.add_option("--pairs", options->pairs)->check(CLI::PositiveNumber);
  cli.add_option("--payload", options->payload_bytes, "bytes, 16 or more")
      ->check(CLI::Range(16, 1 << 20));
  cli.add_option("--window", options->window, "messages under way");
  cli.add_option("--look_every", options->look_every,
                 "look at every so manyth receive, count the others; 1: look at all");
  cli.add_option("--rate", options->rate, "messages per second, where that is fixed");
  cli.add_option("--clients", options->clients)->check(CLI::PositiveNumber);
  cli.add_option("--literals", options->literals, "subscriptions without wildcards");
  cli.add_option("--wildcards", options->wildcards, "subscriptions with a wildcard");
  cli.add_option("--messages", options->messages, "that are stored and read again")
      ->check(CLI::PositiveNumber);
  cli.add_option("--warm_up", options->warm_up_seconds, "seconds");
  cli.add_option("--seconds", options->seconds, "to measure");
  cli.add_flag("--json", options->json, "print one line of JSON");
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    std::exit(cli.exit(e));
  }
  return 0;
}

absl::StatusOr<Result> Run(const Options& options) {
  const auto address = server::SocketAddress::Parse(options.address);
  if (!address.ok()) return address.status();
  if (options.cpu >= 0 && !PinToCpu(options.cpu)) {
    return base::Error(absl::StatusCode::kInvalidArgument, "there is no CPU ", options.cpu);
  }
  const auto tls_address = server::SocketAddress::Parse(options.tls_address);
  if (!tls_address.ok()) return tls_address.status();
  const absl::StatusOr<std::unique_ptr<TlsDialer>> tls = TlsDialer::Make();
  if (!tls.ok()) return tls.status();
  server::RaiseDescriptorLimit();
  Fleet fleet({.protocol = *Protocols().at(options.protocol),
               .address = *address,
               .tls_address = *tls_address,
               .transport = Transports().at(options.transport),
               .tls = tls->get()});
  return Scenarios().at(options.scenario)(options, &fleet);
}

// Exit codes: 0 fine, 1 invalid figures, 2 no figures.
int Main(int argc, char** argv) {
  Options options;
  ParseOptions(argc, argv, &options);
  const absl::StatusOr<Result> result = Run(options);
  if (!result.ok()) {
    std::cerr << "load: " << base::Message(result.status()) << "\n";
    return 2;
  }
  std::cout << (options.json ? ToJson(options.scenario, options.protocol, *result) + "\n"
                             : ToText(*result))
            << std::flush;
  return result->invalid.empty() ? 0 : 1;
}

}  // namespace
}  // namespace esockets::load

// What nobody expects shall end the program. NOLINTNEXTLINE(bugprone-exception-escape)
int main(int argc, char** argv) { return esockets::load::Main(argc, argv); }
