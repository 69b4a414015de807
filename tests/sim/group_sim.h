// Random members of groups that come, go, break and stop, on simulated loops, against the model of
// what groups promise.
#ifndef TESTS_SIM_GROUP_SIM_H_
#define TESTS_SIM_GROUP_SIM_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "broker/shard.h"
#include "tests/sim/group_model.h"
#include "tests/sim/random_sim.h"
#include "tests/support/sim_cluster.h"

namespace esockets::tests {

class GroupSim final : public RandomSim {
 public:
  GroupSim(uint64_t seed, uint32_t loops, LinkFault fault = LinkFault::kNone);

 private:
  struct Player : RandomSim::Player {
    std::vector<bool> member;  // by group, as far as it knows
  };

  static broker::Settings RandomSettings(std::mt19937_64& random);
  std::unique_ptr<Player> Join();
  void Subscribe(Player& player, size_t group);
  void Leave(Player& player, size_t group);
  void Break(std::unique_ptr<Player>& player);
  void Publish(Player& player);
  void Take(Player& player);
  void Step() override;
  void EndTurn(uint32_t loop) override;
  void Settle() override;
  const std::string& model_error() const override { return model_.error(); }

  GroupModel model_;
  GroupStrategy strategies_[2] = {};
  std::unique_ptr<Player> witness_;
  std::vector<std::unique_ptr<Player>> players_;  // the first stays in all groups
};

}  // namespace esockets::tests

#endif  // TESTS_SIM_GROUP_SIM_H_
