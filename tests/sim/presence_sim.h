// A whole broker on simulated loops with presence, and clients that come, go, break, come back and
// take over at random, while loops lag: all of it from one seed. Watchers put pages and updates
// together as the client library does; when all is quiet they know who is there, and no topic was
// told of more than once in a window.
#ifndef TESTS_SIM_PRESENCE_SIM_H_
#define TESTS_SIM_PRESENCE_SIM_H_

#include <cstdint>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "broker/shard.h"
#include "clients/cpp/presence_book.h"
#include "tests/support/sim_client.h"
#include "tests/support/sim_cluster.h"

namespace esockets::tests {

class PresenceSim {
 public:
  // `loops`: 0 lets the seed choose 1, 2 or 4.
  PresenceSim(uint64_t seed, uint32_t loops, LinkFault fault = LinkFault::kNone);

  // The first broken promise; empty: none.
  std::string Play(int steps);

  uint64_t updates() const { return updates_; }

 private:
  struct Player {
    std::string id;
    std::unique_ptr<SimClient> client;  // null: it is away
    std::set<std::string> topics;       // that it is on, while it is there
  };
  // Of one topic.
  struct Watcher {
    std::string topic;
    std::unique_ptr<SimClient> client;
    client::PresenceBook book;
    bool asking = false;
    bool slow = false;
  };

  uint64_t Below(uint64_t end) { return random_() % end; }
  static broker::Settings RandomSettings(std::mt19937_64& random);
  std::unique_ptr<SimClient> Connect(std::string_view client_id);
  std::unique_ptr<Watcher> Watch(std::string_view topic);
  void Step();
  void Come(Player& player);
  void Slow(Watcher& watcher);
  void Pass(base::Duration time);
  void EndTurns();
  void Read(Watcher& watcher);
  void TakePage(Watcher& watcher, const std::string& payload);
  void TakeUpdate(Watcher& watcher, const std::string& payload);
  void Ask(Watcher& watcher);
  void Settle();
  void Check(const Watcher& watcher);

  std::mt19937_64 random_;
  const broker::Settings settings_;
  SimCluster cluster_;
  std::vector<Player> players_;
  std::vector<std::unique_ptr<Watcher>> watchers_;
  uint64_t updates_ = 0;
  base::Duration passed_{};
  std::string error_;
};

}  // namespace esockets::tests

#endif  // TESTS_SIM_PRESENCE_SIM_H_
