// A whole broker on simulated loops, and many clients that do anything at random: all of it from
// one seed, held against the model of what the broker promises.
#ifndef TESTS_SIM_BROKER_SIM_H_
#define TESTS_SIM_BROKER_SIM_H_

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "broker/shard.h"
#include "tests/sim/delivery_model.h"
#include "tests/sim/random_sim.h"
#include "tests/support/fake_sink.h"
#include "tests/support/sim_client.h"
#include "tests/support/sim_cluster.h"

namespace esockets::tests {

// What goes wrong, to see whether it would be noticed.
struct SimFaults {
  FakeSink::Fault sink = FakeSink::Fault::kNone;
  LinkFault link = LinkFault::kNone;
};

class BrokerSim final : public RandomSim {
 public:
  BrokerSim(uint64_t seed, uint32_t loops, SimFaults faults);

 private:
  struct Player : RandomSim::Player {
    std::string client_id;
    std::map<std::string, uint64_t, std::less<>> messages_max;  // by filter, the largest asked for
    std::vector<std::string> filters;                           // subscribed to, as asked
    bool countable = true;   // has never unsubscribed, nor asked to be disconnected
    bool connected = false;  // knows it
    bool waited = false;     // something was unsent, and not refused, when the last turn ended
    uint64_t sent_bytes = 0;
  };

  static broker::Settings RandomSettings(std::mt19937_64& random);

  std::unique_ptr<Player> Join(std::string_view client_id);
  SimClient::Observer ObserverOf(Player& player);
  void TellModel(const Player& player, const ClientFrame& frame);

  void Step() override;
  void Subscribe(Player& player);
  void Unsubscribe(Player& player);
  void Publish(Player& player);
  void Replace(std::unique_ptr<Player>& player, std::string_view client_id);

  void EndTurn(uint32_t loop) override;
  void Receive(Player& player);
  void LetGo(std::unique_ptr<Player>& player);
  void CheckMemory(const Player& player);
  void CheckFlushed(Player& player);
  void CheckSingleView(const Player& player);
  void CheckInEveryOutbox(uint32_t loop);
  void Settle() override;
  void CheckAtRest();
  const std::string& model_error() const override { return model_.error(); }

  const SimFaults faults_;
  DeliveryModel model_;
  bool overlaps_ = false;
  std::vector<std::unique_ptr<Player>> players_;
  std::vector<std::unique_ptr<Player>> left_;  // until the end of their loop's turn
};

}  // namespace esockets::tests

#endif  // TESTS_SIM_BROKER_SIM_H_
