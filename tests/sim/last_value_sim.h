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
#include "tests/sim/random_sim.h"
#include "tests/support/sim_cluster.h"

namespace esockets::tests {

class LastValueSim final : public RandomSim {
 public:
  LastValueSim(uint64_t seed, uint32_t loops, LinkFault fault = LinkFault::kNone);

 private:
  struct Player : RandomSim::Player {
    LastValueModel::Reader reader;
    bool subscribed = false;
  };

  static broker::Settings RandomSettings(std::mt19937_64& random);
  std::unique_ptr<Player> Join();
  void Step() override;
  void Subscribe(Player& player);
  void Publish(Player& player);
  void EndTurn(uint32_t loop) override;
  void Settle() override;
  const std::string& model_error() const override { return model_.error(); }

  LastValueModel model_;
  std::unique_ptr<Player> witness_;
  std::vector<std::unique_ptr<Player>> players_;
};

}  // namespace esockets::tests

#endif  // TESTS_SIM_LAST_VALUE_SIM_H_
