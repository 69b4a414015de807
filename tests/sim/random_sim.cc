#include "tests/sim/random_sim.h"

namespace esockets::tests {
namespace {

constexpr uint32_t kLoopCounts[] = {1, 2, 4};

}  // namespace

RandomSim::RandomSim(uint64_t seed, uint32_t loops, LinkFault fault, MakeSettings make_settings)
    : random_(seed),
      settings_(make_settings(random_)),
      cluster_(loops == 0 ? kLoopCounts[Below(3)] : loops, settings_, Below(2) == 0 ? 600 : 8192,
               fault) {}

std::string RandomSim::Play(int steps) {
  for (int step = 0; step < steps && !broken(); ++step) {
    Step();
    if (Below(2) == 0) EndTurn(static_cast<uint32_t>(Below(cluster_.size())));
  }
  if (!broken()) Settle();
  return error_.empty() ? model_error() : error_;
}

void RandomSim::Fail(std::string_view what) {
  if (error_.empty()) error_ = what;
}

void RandomSim::Place(Player* player) {
  player->number = next_player_++;
  player->loop = static_cast<uint32_t>(Below(cluster_.size()));
  player->client = std::make_unique<SimClient>(&cluster_.loop(player->loop));
}

void RandomSim::Slow(Player& player, uint64_t window_end) {
  player.slow = !player.slow;
  if (player.slow) {
    player.client->sink.set_window(Below(window_end));
  } else {
    player.client->sink.Read(FakeSink::kUnlimited);
  }
}

void RandomSim::EndTurns() {
  for (uint32_t loop = 0; loop < cluster_.size(); ++loop) EndTurn(loop);
}

void RandomSim::CheckPublishesTaken(const Player& player) {
  if (player.client->waiting_frames() > 0 || player.client->sink.reading_paused()) {
    Fail("a publisher waits for ever");
  }
}

}  // namespace esockets::tests
