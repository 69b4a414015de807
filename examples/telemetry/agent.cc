// Publishes this machine's figures, again and again, until it is told to stop.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <string>
#include <string_view>

#include "CLI/CLI.hpp"
#include "base/clock.h"
#include "base/strings.h"
#include "clients/cpp/client.h"
#include "examples/telemetry/sampler.h"

namespace esockets::telemetry {
namespace {

std::string HostName() {
  char name[256] = {};
  return ::gethostname(name, sizeof(name) - 1) == 0 ? name : "unknown";
}

sigset_t Endings() {
  sigset_t endings;
  sigemptyset(&endings);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&endings, signal);
  return endings;
}

// Waits for `duration`, or until the program shall end: then true.
bool EndsWithin(base::Duration duration) {
  const sigset_t endings = Endings();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
  const timespec timeout{.tv_sec = seconds.count(), .tv_nsec = (duration - seconds).count()};
  return ::sigtimedwait(&endings, nullptr, &timeout) > 0;
}

// What a viewer forgets anyway: of a machine that has died.
constexpr uint32_t kWorthlessAfterMillis = 60'000;

absl::Status Publish(client::Client* client, const std::string& host, std::string_view part,
                     std::string_view payload) {
  return client->Publish(base::StrCat("telemetry/", host, "/", part), payload,
                         {.ttl_ms = kWorthlessAfterMillis});
}

absl::Status PublishSample(client::Client* client, const std::string& host, const Sample& sample) {
  const std::pair<std::string_view, const google::protobuf::MessageLite*> parts[] = {
      {"cpu", &sample.cpu},
      {"memory", &sample.memory},
      {"disk", &sample.disk},
      {"network", &sample.network}};
  for (const auto& [name, message] : parts) {
    absl::Status published = Publish(client, host, name, message->SerializeAsString());
    if (!published.ok()) return published;
  }
  return absl::OkStatus();
}

// Until the program shall end, or the client has ended for good.
absl::Status Report(client::Client* client, const std::string& host, base::Duration interval) {
  const base::SystemClock clock;
  Sampler sampler(&clock);
  base::TimePoint next = clock.Now() + interval;
  while (!EndsWithin(std::max(next - clock.Now(), base::Duration(0)))) {
    absl::Status published = PublishSample(client, host, sampler.Next());
    if (!published.ok()) return published;
    next = std::max(next + interval, clock.Now());  // no hurry after a pause
  }
  // Nobody shall begin with figures of a machine that is gone.
  for (const std::string_view part : {"cpu", "memory", "disk", "network"}) {
    Publish(client, host, part, "").IgnoreError();
  }
  return client->Close(std::chrono::seconds(2));
}

int Main(int argc, char** argv) {
  CLI::App cli("Publishes this machine's figures to telemetry/HOST/cpu, memory, disk, network.",
               "agent");
  // Figures of yesterday help nobody: while the broker is away, new ones are dropped.
  client::ClientOptions options{.outgoing_bytes_max = 64 << 10,
                                .when_full = client::WhenFull::kDropNewest};
  std::string host = HostName();
  int interval_ms = 1000;
  cli.add_option("--host", host, "name to report as")->capture_default_str();
  cli.add_option("--interval_ms", interval_ms, "milliseconds between reports")
      ->check(CLI::Range(10, 3'600'000))
      ->capture_default_str();
  cli.add_option("--broker", options.address, "address of the broker")->capture_default_str();
  if (const char* token = std::getenv("ESOCKETS_TOKEN")) options.token = token;
  CLI11_PARSE(cli, argc, argv);
  options.name = base::StrCat("telemetry of ", host);

  const sigset_t endings = Endings();
  ::pthread_sigmask(SIG_BLOCK, &endings, nullptr);  // before there are threads: they inherit it
  client::ClientEvents events;
  events.on_state_change = [](client::State state, const absl::Status& reason) {
    std::cout << client::StateName(state) << " " << base::Message(reason) << std::endl;
  };
  events.on_error = [](const absl::Status& error) {
    std::cerr << "agent: " << base::Message(error) << std::endl;
  };
  const auto client = client::Client::Create(options, events);
  const absl::Status ended = Report(client.get(), host, std::chrono::milliseconds(interval_ms));
  if (!ended.ok()) std::cerr << "agent: " << base::Message(ended) << "\n";
  return ended.ok() ? 0 : 1;
}

}  // namespace
}  // namespace esockets::telemetry

// What nobody expects shall end the program. NOLINTNEXTLINE(bugprone-exception-escape)
int main(int argc, char** argv) { return esockets::telemetry::Main(argc, argv); }
