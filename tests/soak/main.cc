// ./dev soak: the real broker under thousands of clients that misbehave, beside others that check
// every promise.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <random>

#include "CLI/CLI.hpp"
#include "base/strings.h"
#include "tests/soak/soak.h"

namespace esockets::soak {
namespace {

// Exit codes: 0 every promise kept, 1 some broken, 2 it could not begin.
int Main(int argc, char** argv) {
  Options options;
  options.seed = std::random_device()() % 1'000'000;
  double minutes = 10, hours = 0;
  int64_t seconds = 0;
  CLI::App cli("Clients that misbehave at random, and others that check what the broker promises.");
  cli.add_option("--hours", hours, "how long");
  cli.add_option("--minutes", minutes, "the same in minutes (10)");
  cli.add_option("--seconds", seconds, "the same in seconds");
  cli.add_option("--clients", options.clients,
                 "that misbehave at once (2000; 500 with a sanitizer)");
  cli.add_option("--seed", options.seed, "decides all that is random; default: another each time");
  cli.add_option("--broker", options.broker, "the program (app/broker)");
  CLI11_PARSE(cli, argc, argv);
  if (hours > 0) minutes = hours * 60;
  options.duration =
      std::chrono::seconds(seconds > 0 ? seconds : static_cast<int64_t>(minutes * 60));
  std::printf("seed %llu: %zu clients for %lld s\n", static_cast<unsigned long long>(options.seed),
              options.clients, static_cast<long long>(options.duration.count()));
  std::fflush(stdout);
  Soak soak(options);
  if (const absl::Status ran = soak.Run(); !ran.ok()) {
    std::fprintf(stderr, "soak: %s\n", std::string(base::Message(ran)).c_str());
    return 2;
  }
  std::printf("\n%s", soak.promises().Report().c_str());
  std::printf("seed %llu\n", static_cast<unsigned long long>(options.seed));
  return soak.promises().all_kept() ? 0 : 1;
}

}  // namespace
}  // namespace esockets::soak

// What nobody expects shall end the program. NOLINTNEXTLINE(bugprone-exception-escape)
int main(int argc, char** argv) { return esockets::soak::Main(argc, argv); }
