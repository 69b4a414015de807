// Random clients that ask, answer, break, say goodbye and take each other over, on simulated loops,
// against the model of what requests and last wills promise.
#ifndef TESTS_SIM_REQUEST_SIM_H_
#define TESTS_SIM_REQUEST_SIM_H_

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "broker/shard.h"
#include "proto/esockets.pb.h"
#include "tests/sim/random_sim.h"
#include "tests/sim/request_model.h"
#include "tests/support/sim_cluster.h"

namespace esockets::tests {

class RequestSim final : public RandomSim {
 public:
  RequestSim(uint64_t seed, uint32_t loops, LinkFault fault = LinkFault::kNone);

 private:
  struct Player : RandomSim::Player {
    std::string client_id;
    std::string inbox;  // empty: it is not connected yet
    uint64_t subscribes_waiting = 0;
    std::map<uint64_t, uint64_t> requests;    // by the id of their Publish
    std::map<uint64_t, std::string> answers;  // the same
  };
  using PlayerPtr = std::unique_ptr<Player>;

  static broker::Settings RandomSettings(std::mt19937_64& random);
  PlayerPtr Join(std::string client_id = {});
  void Step() override;
  void Subscribe(Player& player, std::string_view topic);
  void Request(Player& player);
  void Break(PlayerPtr& player);
  void SayGoodbye(PlayerPtr& player);
  void TakeOver(PlayerPtr& player);
  void Take(Player& player);
  void OnMessage(Player& player, const Message& message);
  void OnAnswered(Player& player, uint64_t id, bool refused);
  void EndTurn(uint32_t loop) override;
  void Settle() override;
  const std::string& model_error() const override { return model_.error(); }

  RequestModel model_;
  PlayerPtr witness_;                // of the wills
  std::vector<PlayerPtr> players_;   // the first stays, and answers on the first topic
  std::vector<PlayerPtr> replaced_;  // by one with the same client id: until they are closed
};

}  // namespace esockets::tests

#endif  // TESTS_SIM_REQUEST_SIM_H_
