// What every simulation is: a broker on simulated loops, and players that do anything at random,
// all of it from one seed.
#ifndef TESTS_SIM_RANDOM_SIM_H_
#define TESTS_SIM_RANDOM_SIM_H_

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>

#include "base/on_loop.h"
#include "broker/shard.h"
#include "tests/support/fake_sink.h"
#include "tests/support/sim_client.h"
#include "tests/support/sim_cluster.h"

namespace esockets::tests {

class RandomSim {
 public:
  RandomSim(const RandomSim&) = delete;
  RandomSim& operator=(const RandomSim&) = delete;
  virtual ~RandomSim() = default;

  // The first broken promise; empty: none.
  std::string Play(int steps);

  // That were published.
  uint64_t messages() const { return messages_; }

 protected:
  struct Player {
    int number = 0;
    uint32_t loop = 0;
    std::unique_ptr<SimClient> client;
    bool slow = false;
  };
  using MakeSettings = broker::Settings (*)(std::mt19937_64& random);

  // `loops`: 0 lets the seed choose 1, 2 or 4.
  RandomSim(uint64_t seed, uint32_t loops, LinkFault fault, MakeSettings make_settings);

  uint64_t Below(uint64_t end) { return random_() % end; }
  void Fail(std::string_view what);

  // A connection that has said nothing yet, on any of the loops.
  template <typename AnyPlayer>
  std::unique_ptr<AnyPlayer> NewPlayer() ESOCKETS_ON_LOOP {
    auto player = std::make_unique<AnyPlayer>();
    Place(player.get());
    return player;
  }
  // It reads up to `window_end` bytes and no more; or what is there, if it was slow before.
  void Slow(Player& player, uint64_t window_end);

  void EndTurns();
  template <typename Players>
  static void ReadAll(const Players& players) {
    for (const auto& player : players) player->client->sink.Read(FakeSink::kUnlimited);
  }
  void CheckPublishesTaken(const Player& player);

  const broker::Settings& settings() const { return settings_; }
  SimCluster& cluster() { return cluster_; }

  uint64_t messages_ = 0;

 private:
  virtual void Step() = 0;
  virtual void EndTurn(uint32_t loop) = 0;
  // Everybody reads everything, until nothing happens any more.
  virtual void Settle() = 0;
  // Of the model.
  virtual const std::string& model_error() const = 0;

  void Place(Player* player) ESOCKETS_ON_LOOP;
  bool broken() const { return !error_.empty() || !model_error().empty(); }

  std::mt19937_64 random_;
  const broker::Settings settings_;
  SimCluster cluster_;
  std::string error_;
  int next_player_ = 0;
};

}  // namespace esockets::tests

#endif  // TESTS_SIM_RANDOM_SIM_H_
