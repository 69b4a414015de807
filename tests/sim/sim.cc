// Plays seed after seed of the simulation until one breaks a promise: ./dev sim --seeds=N.
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "base/log.h"
#include "tests/sim/broker_sim.h"
#include "tests/sim/group_sim.h"
#include "tests/sim/last_value_sim.h"
#include "tests/sim/presence_sim.h"
#include "tests/sim/request_sim.h"
#include "tests/sim/stream_sim.h"

namespace esockets::tests {
namespace {

int Main(int argc, char** argv) {
  uint64_t seeds = 1000;
  uint64_t first = 1;
  uint32_t loops = 0;
  int steps = 250;
  CLI::App cli("Random clients on simulated loops against the model of what the broker promises.");
  cli.add_option("--seeds", seeds, "how many to play (1000)");
  cli.add_option("--first", first, "the first of them (1)");
  cli.add_option("--loops", loops, "loops of the broker; 0: 1, 2 or 4, as the seed says (0)");
  cli.add_option("--steps", steps, "commands in each (250)");
  CLI11_PARSE(cli, argc, argv);
  base::SetLogLevel(base::LogLevel::kError);
  uint64_t messages = 0;
  for (uint64_t seed = first; seed < first + seeds; ++seed) {
    std::string broken;
    const auto play = [&](auto sim) {
      if (broken.empty()) broken = sim->Play(steps);
      messages += sim->messages();
    };
    play(std::make_unique<BrokerSim>(seed, loops, SimFaults{}));
    play(std::make_unique<StreamSim>(seed, loops));
    play(std::make_unique<LastValueSim>(seed, loops));
    play(std::make_unique<GroupSim>(seed, loops));
    play(std::make_unique<RequestSim>(seed, loops));
    if (broken.empty()) broken = PresenceSim(seed, loops).Play(steps);
    if (!broken.empty()) {
      std::printf("\nseed %llu: %s\n", static_cast<unsigned long long>(seed), broken.c_str());
      return 1;
    }
    const uint64_t played = seed - first + 1;
    if (played % 100 == 0) {
      std::fprintf(stderr, "\r%llu of %llu seeds", static_cast<unsigned long long>(played),
                   static_cast<unsigned long long>(seeds));
    }
  }
  std::printf("\n%llu seeds, %llu messages published, every promise kept\n",
              static_cast<unsigned long long>(seeds), static_cast<unsigned long long>(messages));
  return 0;
}

}  // namespace
}  // namespace esockets::tests

// What nobody expects shall end the program. NOLINTNEXTLINE(bugprone-exception-escape)
int main(int argc, char** argv) { return esockets::tests::Main(argc, argv); }
