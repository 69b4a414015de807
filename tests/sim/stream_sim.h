// A whole broker on simulated loops with a stream, and clients that publish to it, read it from
// anywhere, stop, break and come back at random: all of it from one seed, held against the model.
#ifndef TESTS_SIM_STREAM_SIM_H_
#define TESTS_SIM_STREAM_SIM_H_

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "broker/shard.h"
#include "tests/sim/random_sim.h"
#include "tests/sim/stream_model.h"
#include "tests/support/sim_cluster.h"

namespace esockets::tests {

class StreamSim final : public RandomSim {
 public:
  StreamSim(uint64_t seed, uint32_t loops, LinkFault fault = LinkFault::kNone);

 private:
  struct Player : RandomSim::Player {
    StreamModel::Reader reader;
    bool subscribed = false;                    // has asked
    std::set<std::string_view> within;          // filters that overlap with the reader's
    std::map<uint64_t, uint64_t> acknowledged;  // number of the message by request id
  };

  static broker::Settings RandomSettings(std::mt19937_64& random);
  std::unique_ptr<Player> Join();
  void Step() override;
  void Subscribe(Player& player);
  void SubscribeWithin(Player& player);
  void Resume(std::unique_ptr<Player>& player);
  void Publish(Player& player);
  void EndTurn(uint32_t loop) override;
  void Receive(Player& player);
  void Settle() override;
  const std::string& model_error() const override { return model_.error(); }

  StreamModel model_;
  std::unique_ptr<Player> witness_;
  std::vector<std::unique_ptr<Player>> players_;
};

}  // namespace esockets::tests

#endif  // TESTS_SIM_STREAM_SIM_H_
