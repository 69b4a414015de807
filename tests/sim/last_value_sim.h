// A whole broker on simulated loops that keeps last values, and clients that set and clear them,
// subscribe, stop, break and come back at random: all of it from one seed, held against the model.
#ifndef TESTS_SIM_LAST_VALUE_SIM_H_
#define TESTS_SIM_LAST_VALUE_SIM_H_

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "broker/shard.h"
#include "tests/sim/last_value_model.h"
#include "tests/support/sim_client.h"
#include "tests/support/sim_cluster.h"

namespace esockets::tests {

class LastValueSim {
 public:
  // `loops`: 0 lets the seed choose 1, 2 or 4.
  LastValueSim(uint64_t seed, uint32_t loops, LinkFault fault = LinkFault::kNone);

  // The first broken promise; empty: none.
  std::string Play(int steps);

  uint64_t messages() const { return next_number_ - 1; }

 private:
  struct Player {
    std::unique_ptr<SimClient> client;
    LastValueModel::Reader reader;
    bool subscribed = false;
    bool slow = false;
  };

  uint64_t Below(uint64_t end) { return random_() % end; }
  static broker::Settings RandomSettings(std::mt19937_64& random);
  std::unique_ptr<Player> Join();
  void Step();
  void Subscribe(Player& player);
  void Publish(Player& player);
  void Slow(Player& player);
  void EndTurn(uint32_t loop);
  void EndTurns();
  void Settle();

  std::mt19937_64 random_;
  const broker::Settings settings_;
  SimCluster cluster_;
  LastValueModel model_;
  std::string error_;
  int next_player_ = 0;
  uint64_t next_number_ = 1;
  std::unique_ptr<Player> witness_;
  std::vector<std::unique_ptr<Player>> players_;
};

}  // namespace esockets::tests

#endif  // TESTS_SIM_LAST_VALUE_SIM_H_
