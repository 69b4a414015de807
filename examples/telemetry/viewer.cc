// Shows the fleet, live, in the terminal; as lines where the output is none.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "CLI/CLI.hpp"
#include "base/clock.h"
#include "base/strings.h"
#include "clients/cpp/client.h"
#include "examples/telemetry/fleet.h"
#include "examples/telemetry/screen.h"

namespace esockets::telemetry {
namespace {

using base::StrCat;

constexpr base::Duration kForgetAfter = std::chrono::minutes(1);
// The last two: another screen, without cursor and without line breaks of its own, and back.
constexpr std::string_view kHome = "\033[H", kClearBelow = "\033[J",
                           kEnter = "\033[?1049h\033[?25l\033[?7l",
                           kLeave = "\033[?7h\033[?25h\033[?1049l";

volatile sig_atomic_t ending = 0;  // set by a signal

class Viewer {
 public:
  Viewer(client::ClientOptions options, base::Duration interval)
      : options_(std::move(options)), interval_(interval), draws_(::isatty(1)) {}

  // Until so many frames with a host in them were shown, or a signal comes.
  absl::Status Run(const std::string& filter, uint64_t frames) {
    client::ClientEvents events;
    events.on_gap = [this](const client::Gap& gap) { lost_messages_ += gap.messages; };
    const auto client = client::Client::Connect(options_, events);
    if (!client.ok()) return client.status();
    const auto subscription = (*client)->Subscribe(filter);
    if (!subscription.ok()) return subscription.status();
    if (draws_) std::cout << kEnter;
    absl::Status received;
    while (frames > 0 && ending == 0 && received.ok()) {
      received = Receive(subscription->get());
      fleet_.ForgetBefore(clock_.Now() - kForgetAfter);
      if (draws_) std::cout << kHome << Frame(**client) << kClearBelow << std::flush;
      if (!fleet_.has_complete_host()) continue;
      if (!draws_) std::cout << Lines(fleet_) << std::flush;
      --frames;
    }
    if (draws_) std::cout << kLeave << Frame(**client);
    return received.ok() ? (*client)->Close(std::chrono::seconds(2)) : received;
  }

 private:
  // What comes within one interval.
  absl::Status Receive(client::PullSubscription* subscription) {
    const base::TimePoint end = clock_.Now() + interval_;
    for (base::TimePoint now = clock_.Now(); now < end && ending == 0; now = clock_.Now()) {
      const auto message = subscription->Receive(end - now);
      if (message.ok()) {
        fleet_.Apply(message->topic, message->payload, clock_.Now());
      } else if (message.status().code() != absl::StatusCode::kDeadlineExceeded) {
        return message.status();
      }
    }
    return absl::OkStatus();
  }

  std::string Frame(const client::Client& client) const {
    std::string title = StrCat("ESocketS fleet at ", options_.address);
    if (client.state() != client::State::kConnected) title += " (connecting again)";
    return Table(fleet_, title, lost_messages_, clock_.Now());
  }

  const client::ClientOptions options_;
  const base::Duration interval_;
  const bool draws_;  // the output is a terminal
  const base::SystemClock clock_;
  Fleet fleet_;
  std::atomic<uint64_t> lost_messages_ = 0;  // the client's loop adds
};

int Main(int argc, char** argv) {
  CLI::App cli("Shows the fleet's figures, live.", "viewer");
  client::ClientOptions options{.name = "telemetry viewer",
                                .connect_timeout = std::chrono::seconds(3)};
  std::string host = "+";
  int interval_ms = 500;
  uint64_t frames = std::numeric_limits<uint64_t>::max();
  cli.add_option("--host", host, "only this one");
  cli.add_option("--interval_ms", interval_ms, "milliseconds between two frames")
      ->check(CLI::Range(10, 3'600'000))
      ->capture_default_str();
  auto* limit = cli.add_option("--frames", frames, "end after so many, the first with a host in it")
                    ->check(CLI::PositiveNumber);
  cli.add_flag_callback(
         "--once", [&frames] { frames = 1; }, "the same as --frames=1")
      ->excludes(limit);
  cli.add_option("--broker", options.address, "address of the broker")->capture_default_str();
  if (const char* token = std::getenv("ESOCKETS_TOKEN")) options.token = token;
  CLI11_PARSE(cli, argc, argv);

  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::signal(signal, [](int) { ending = 1; });
  Viewer viewer(options, std::chrono::milliseconds(interval_ms));
  const absl::Status ended = viewer.Run(StrCat("telemetry/", host, "/+"), frames);
  if (!ended.ok()) {
    std::cerr << "viewer: " << options.address << ": " << base::Message(ended) << "\n";
  }
  return ended.ok() ? 0 : 1;
}

}  // namespace
}  // namespace esockets::telemetry

// What nobody expects shall end the program. NOLINTNEXTLINE(bugprone-exception-escape)
int main(int argc, char** argv) { return esockets::telemetry::Main(argc, argv); }
