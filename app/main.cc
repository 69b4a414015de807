// The broker: reads its configuration, serves until SIGTERM or SIGINT, reloads on SIGHUP.
#include <sys/resource.h>
#include <unistd.h>

#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "app/banner.h"
#include "app/broker_server.h"
#include "app/config.h"
#include "app/flags.h"
#include "app/new_files.h"
#include "app/plan.h"
#include "app/reload.h"
#include "app/signals.h"
#include "base/log.h"
#include "base/strings.h"
#include "gateways/http/admin_server.h"
#include "server/socket_address.h"

namespace esockets::app {
namespace {

constexpr int kExitOk = 0;
constexpr int kExitUnavailable = 1;  // the address is taken, and the like
constexpr int kExitConfig = 2;       // flags or configuration

int Fail(int code, const absl::Status& status) {
  std::cerr << "broker: " << base::Message(status) << "\n";
  return code;
}

int CheckOnly(const Flags& flags, const Plan& plan) {
  for (const std::string& warning : plan.warnings) std::cout << "warning: " << warning << "\n";
  std::cout << (flags.config.empty() ? "the defaults" : flags.config) << ": right" << std::endl;
  return kExitOk;
}

size_t DescriptorLimit() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

void PrintBanner(const BrokerServer& broker, const http::AdminServer& admin, const Flags& flags,
                 const Plan& plan, size_t descriptors_before) {
  BannerFacts facts{.version = std::string(BrokerVersion()),
                    .listening = {},
                    .administration = {},
                    .websocket = {},
                    .pages = plan.broker.pages->starts(),
                    .loops = broker.server().loop_count(),
                    .descriptors = broker.server().descriptor_limit(),
                    .descriptors_before = descriptors_before,
                    .limits = plan.broker.settings.limits,
                    .who = plan.who,
                    .loopback_only = plan.loopback_only,
                    .config = flags.config,
                    .pid = ::getpid()};
  const std::vector<server::SocketAddress> addresses = broker.server().addresses();
  for (size_t i = 0; i < addresses.size(); ++i) {
    const gateways::Protocols& protocols = plan.broker.protocols[i];
    const bool is_tls = protocols.tls != nullptr;
    facts.listening.push_back(base::StrCat(is_tls ? "tls://" : "", addresses[i].ToString()));
    const bool is_file = addresses[i].family() == server::SocketAddress::Family::kUnix;
    if (protocols.http && !is_file) facts.websocket.push_back({addresses[i].ToString(), is_tls});
  }
  for (const auto& address : admin.addresses()) {
    facts.administration.push_back(address.ToString());
  }
  std::cout << Banner(facts) << std::flush;
}

// Another broker on this machine has the default address, most likely: that is no reason not to
// run.
absl::Status StartAdmin(const Plan& plan, http::AdminServer* admin) {
  if (plan.admin.listen.empty()) return absl::OkStatus();
  absl::Status started = admin->Start();
  if (started.ok() || !plan.admin_by_default) return started;
  base::Log(base::LogLevel::kWarning, "no administration over HTTP",
            {{"reason", base::Message(started)},
             {"advice", "choose an address with --admin_listen, or none with --admin_listen=off"}});
  return absl::OkStatus();
}

// The broker while it runs, steered by signals. Thread: main.
class Process {
 public:
  Process(const Flags& flags, Config config, const Plan& plan, BrokerServer* broker,
          http::AdminServer* admin)
      : flags_(flags),
        config_(std::move(config)),
        drain_timeout_(plan.drain_timeout),
        broker_(*broker),
        admin_(*admin) {}

  // Returns when the broker has stopped.
  void Run() {
    while (!broker_.stopped()) Handle(WaitForSteering());
    if (draining_.joinable()) draining_.join();
    base::Log(base::LogLevel::kInfo, "stopped");
  }

 private:
  void Handle(Steering event) {
    switch (event) {
      case Steering::kReload:
        return TakeOver();
      case Steering::kDrainRequested:
        return Drain("an administrator");
      case Steering::kStop:
        if (!draining_.joinable()) return Drain("a signal");
        base::Log(base::LogLevel::kWarning, "stopping at once");
        return broker_.Stop();
      case Steering::kStopped:
        break;
    }
  }

  // All or nothing: a configuration with a mistake changes nothing.
  void TakeOver() {
    const absl::StatusOr<LoadedConfig> loaded = LoadConfig(flags_);
    absl::StatusOr<Reload> reload = loaded.ok() ? PlanReload(config_, *loaded) : loaded.status();
    if (!reload.ok()) return LogReloadFailed(reload.status());
    if (const absl::Status made = MakeNewFiles(reload->plan); !made.ok()) {
      return LogReloadFailed(made);
    }
    if (!broker_.Replace(reload->plan.broker.settings)) {
      base::Log(base::LogLevel::kWarning, "a loop is late: it takes the configuration over later");
    }
    broker_.Replace(reload->plan.broker.admission);
    broker_.ReplaceTls(reload->plan.broker.protocols);
    admin_.Replace(reload->plan.admin.rules);
    base::SetLogLevel(reload->plan.log_level);
    drain_timeout_ = reload->plan.drain_timeout;
    LogReload(*reload);
    config_ = std::move(reload->running);
  }

  void Drain(std::string_view asked_by) {
    if (draining_.joinable()) return;
    const auto timeout_ms = std::chrono::duration_cast<std::chrono::milliseconds>(drain_timeout_);
    base::Log(base::LogLevel::kInfo, "draining; a signal stops at once",
              {{"asked_by", asked_by},
               {"clients", broker_.server().open_clients()},
               {"timeout_ms", timeout_ms.count()}});
    draining_ = std::thread([&broker = broker_, timeout = drain_timeout_] {
      broker.Drain(timeout);
      Steer(Steering::kStopped);
    });
  }

  const Flags& flags_;
  Config config_;
  base::Duration drain_timeout_;
  BrokerServer& broker_;
  http::AdminServer& admin_;
  std::thread draining_;
};

int Main(int argc, char** argv) {
  Flags flags;
  if (const std::optional<int> exit_code = ParseFlags(argc, argv, &flags)) return *exit_code;
  BlockSignals();  // before there are threads: they inherit it
  const absl::StatusOr<LoadedConfig> loaded = LoadConfig(flags);
  if (!loaded.ok()) return Fail(kExitConfig, loaded.status());
  absl::StatusOr<Plan> plan = MakePlan(*loaded);
  if (!plan.ok()) return Fail(kExitConfig, plan.status());
  if (flags.check_config) return CheckOnly(flags, *plan);
  base::SetLogLevel(plan->log_level);
  for (const std::string& warning : plan->warnings) {
    base::Log(base::LogLevel::kWarning, "configuration is unsafe", {{"reason", warning}});
  }
  if (const absl::Status made = MakeNewFiles(*plan); !made.ok()) return Fail(kExitConfig, made);
  plan->broker.on_drain_request = [] { Steer(Steering::kDrainRequested); };

  const size_t descriptors_before = DescriptorLimit();
  BrokerServer broker(plan->broker);
  if (const absl::Status started = broker.Start(); !started.ok()) {
    return Fail(kExitUnavailable, started);
  }
  http::AdminServer admin(plan->admin, broker.admin_access());
  if (const absl::Status started = StartAdmin(*plan, &admin); !started.ok()) {
    return Fail(kExitUnavailable, started);
  }
  PrintBanner(broker, admin, flags, *plan, descriptors_before);
  Process(flags, loaded->config, *plan, &broker, &admin).Run();
  return kExitOk;
}

}  // namespace
}  // namespace esockets::app

int main(int argc, char** argv) { return esockets::app::Main(argc, argv); }
