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

#include "base/on_loop.h"
#include "broker/shard.h"
#include "tests/sim/stream_model.h"
#include "tests/support/sim_client.h"
#include "tests/support/sim_cluster.h"

namespace esockets::tests {

class StreamSim {
 public:
  // `loops`: 0 lets the seed choose 1, 2 or 4.
  StreamSim(uint64_t seed, uint32_t loops, LinkFault fault = LinkFault::kNone);

  // The first broken promise; empty: none.
  std::string Play(int steps);

  uint64_t messages() const { return next_number_ - 1; }

 private:
  struct Player {
    int number = 0;
    uint32_t loop = 0;
    std::unique_ptr<SimClient> client;
    StreamModel::Reader reader;
    bool subscribed = false;            // has asked
    std::set<std::string_view> within;  // filters that overlap with the reader's
    bool slow = false;
    std::map<uint64_t, uint64_t> acknowledged;  // number of the message by request id
  };

  uint64_t Below(uint64_t end) { return random_() % end; }
  static broker::Settings RandomSettings(std::mt19937_64& random);
  std::unique_ptr<Player> Join();
  void Step();
  void Subscribe(Player& player);
  void SubscribeWithin(Player& player);
  void Resume(std::unique_ptr<Player>& player);
  void Publish(Player& player);
  void Slow(Player& player);
  void EndTurn(uint32_t loop);
  void Receive(Player& player);
  void Settle();

  std::mt19937_64 random_;
  const broker::Settings settings_;
  SimCluster cluster_;
  StreamModel model_;
  std::string error_;
  int next_player_ = 0;
  uint64_t next_number_ = 1;
  std::unique_ptr<Player> witness_;
  std::vector<std::unique_ptr<Player>> players_;
};

}  // namespace esockets::tests

#endif  // TESTS_SIM_STREAM_SIM_H_
