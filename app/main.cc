// The broker: reads its configuration, serves until SIGTERM or SIGINT, reloads on SIGHUP.
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <optional>
#include <string>
#include <thread>

#include "app/broker_server.h"
#include "app/config.h"
#include "app/flags.h"
#include "app/signals.h"
#include "base/log.h"
#include "base/strings.h"

namespace esockets::app {
namespace {

constexpr int kExitOk = 0;
constexpr int kExitUnavailable = 1;  // the address is taken, and the like
constexpr int kExitConfig = 2;       // flags or configuration

int Fail(int code, const absl::Status& status) {
  std::cerr << "broker: " << base::Message(status) << "\n";
  return code;
}

void PrintBanner(const BrokerServer& broker, const Plan& plan) {
  const broker::Limits& limits = plan.broker.settings.limits;
  std::cout << BrokerVersion() << "\n";
  for (const auto& address : broker.server().addresses()) {
    std::cout << "listening on " << address.ToString() << "\n";
  }
  std::cout << "loops " << broker.server().loop_count() << ", descriptors "
            << broker.server().descriptor_limit() << ", frame " << limits.frame_bytes_max
            << " bytes, backlog " << limits.backlog_bytes_max << " bytes a client, "
            << (plan.broker.settings.authenticator->open()
                    ? "no users: everybody on this machine may come in"
                    : "users only")
            << "\n"
            << "pid " << ::getpid() << ": SIGTERM drains, SIGHUP reloads the configuration"
            << std::endl;
}

// All or nothing: a configuration with a mistake changes nothing.
void Reload(const Flags& flags, BrokerServer* broker, Config* current, Plan* plan) {
  const absl::StatusOr<Config> config = LoadConfig(flags);
  absl::StatusOr<Plan> next = config.ok() ? MakePlan(*config) : config.status();
  if (!next.ok()) {
    base::Log(base::LogLevel::kError, "configuration not reloaded, nothing has changed",
              {{"reason", base::Message(next.status())}});
    return;
  }
  const ConfigChanges changes = CompareConfigs(*current, *config);
  for (const std::string& field : changes.live) {
    base::Log(base::LogLevel::kInfo, "configuration changed", {{"field", field}});
  }
  for (const std::string& field : changes.needs_restart) {
    base::Log(base::LogLevel::kWarning, "configuration changes at the next start",
              {{"field", field}});
  }
  if (changes.live.empty() && changes.needs_restart.empty()) {
    base::Log(base::LogLevel::kInfo, "configuration reloaded, nothing has changed");
  }
  // What cannot change live stays as it was.
  next->broker.settings.recv_queue = plan->broker.settings.recv_queue;
  broker->Replace(next->broker.settings);
  base::SetLogLevel(next->log_level);
  plan->drain_timeout = next->drain_timeout;
  *current = *config;
}

// Returns when the broker has stopped.
void ServeUntilSignal(const Flags& flags, BrokerServer* broker, Config config, Plan plan) {
  std::thread draining;
  while (!broker->stopped()) {
    const int signal = WaitForSignal();
    if (signal == SIGHUP) {
      Reload(flags, broker, &config, &plan);
    } else if (signal == kStoppedSignal) {
      break;
    } else if (draining.joinable()) {
      base::Log(base::LogLevel::kWarning, "stopping at once");
      broker->Stop();
    } else {
      base::Log(base::LogLevel::kInfo, "draining; a second signal stops at once",
                {{"clients", broker->server().open_clients()}});
      draining = std::thread([broker, timeout = plan.drain_timeout] {
        broker->Drain(timeout);
        ::kill(::getpid(), kStoppedSignal);
      });
    }
  }
  if (draining.joinable()) draining.join();
  base::Log(base::LogLevel::kInfo, "stopped");
}

int Main(int argc, char** argv) {
  Flags flags;
  if (const std::optional<int> exit_code = ParseFlags(argc, argv, &flags)) return *exit_code;
  const absl::StatusOr<Config> config = LoadConfig(flags);
  if (!config.ok()) return Fail(kExitConfig, config.status());
  absl::StatusOr<Plan> plan = MakePlan(*config);
  if (!plan.ok()) return Fail(kExitConfig, plan.status());
  if (flags.check_config) {
    std::cout << "the configuration is right" << std::endl;
    return kExitOk;
  }
  base::SetLogLevel(plan->log_level);
  for (const std::string& warning : plan->warnings) base::Log(base::LogLevel::kWarning, warning);
  plan->broker.on_drain_request = [] { ::kill(::getpid(), SIGTERM); };

  BlockSignals();  // before there are threads: they inherit it
  BrokerServer broker(plan->broker);
  if (const absl::Status started = broker.Start(); !started.ok()) {
    return Fail(kExitUnavailable, started);
  }
  PrintBanner(broker, *plan);
  ServeUntilSignal(flags, &broker, *config, *std::move(plan));
  return kExitOk;
}

}  // namespace
}  // namespace esockets::app

int main(int argc, char** argv) { return esockets::app::Main(argc, argv); }
