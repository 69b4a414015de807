// Many clients on a simulated loop, at random, against the model of what the broker promises.
// A failure prints its seed; ESOCKETS_SEED=n runs that one alone.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/strings.h"
#include "broker/session.h"
#include "gtest/gtest.h"
#include "tests/sim/delivery_model.h"
#include "tests/support/fake_sink.h"
#include "tests/support/sim_client.h"

namespace esockets::tests {
namespace {

constexpr std::string_view kTopics[] = {"a", "b", "a/b", "a/c", "a/b/c", "b/x"};
constexpr std::string_view kFilters[] = {"a", "b", "a/b", "a/c", "b/x", "a/b/c", "a/+", "a/#", "#"};
constexpr size_t kLiterals = 6;  // of kFilters

class BrokerSim {
 public:
  BrokerSim(uint64_t seed, FakeSink::Fault fault)
      : random_(seed), fault_(fault), broker_(RandomSettings(), Below(2) == 0 ? 600 : 8192) {
    broker_.executor.AssertOnLoop();
    overlaps_ = Below(3) == 0;
    for (size_t i = 0; i < 8; ++i) players_.push_back(Join(""));
  }

  // The first broken promise; empty: none.
  std::string Play(int steps) {
    broker_.executor.AssertOnLoop();
    for (int step = 0; step < steps && model_.error().empty() && error_.empty(); ++step) {
      Step();
      if (Below(4) == 0) EndTurn();
    }
    Settle();
    return error_.empty() ? model_.error() : error_;
  }

 private:
  struct Player {
    int number;
    std::string client_id;
    std::unique_ptr<SimClient> client;
    std::map<std::string, uint64_t, std::less<>> messages_max;  // by filter, the largest asked for
    bool slow = false;
    bool ended = false;
  };

  uint64_t Below(uint64_t end) { return random_() % end; }

  broker::Settings RandomSettings() {
    broker::Settings settings;
    settings.limits.high_watermark_bytes = 500 + Below(4000);
    settings.limits.backlog_bytes_max = 2000 + Below(8000);
    settings.limits.backlogs_bytes_max = 4000 + Below(40'000);
    settings.limits.backlog_messages_max = static_cast<uint32_t>(1 + Below(60));
    return settings;
  }

  std::unique_ptr<Player> Join(std::string_view client_id) ESOCKETS_ON_LOOP {
    auto player = std::make_unique<Player>();
    player->number = next_player_++;
    player->client_id =
        client_id.empty() ? base::StrCat("player-", player->number) : std::string(client_id);
    player->client = std::make_unique<SimClient>(&broker_, player->client_id);
    player->client->sink.set_fault(fault_, static_cast<uint32_t>(2 + Below(6)));
    player->client->sink.set_on_answer([this](broker::Answer answer, uint64_t) {
      broker_.executor.AssertOnLoop();
      if (answer == broker::Answer::kPublished) CheckInEveryOutbox();
    });
    model_.Connect(player->number);
    return player;
  }

  void Step() ESOCKETS_ON_LOOP {
    auto& chosen = players_[Below(players_.size())];
    const uint64_t dice = Below(100);
    if (dice < 15) return Subscribe(*chosen);
    if (dice < 18) return Unsubscribe(*chosen);
    if (dice < 28) return Slow(*chosen);
    if (dice < 43) return chosen->client->sink.Read(Below(3000));
    if (dice < 44) return Replace(chosen, "");
    if (dice < 45) return Replace(chosen, chosen->client_id);  // take-over
    if (dice < 47) return chosen->client->Ping(1);
    Publish(*chosen);
  }

  void Subscribe(Player& player) ESOCKETS_ON_LOOP {
    const std::string filter(
        kFilters[Below(overlaps_ || Below(8) == 0 ? std::size(kFilters) : kLiterals)]);
    const bool disconnects = Below(8) == 0;
    const uint32_t at_most = broker_.shard.limits().backlog_messages_max;
    const auto messages_max = static_cast<uint32_t>(1 + Below(at_most));
    uint64_t& largest = player.messages_max[filter];
    largest = std::max<uint64_t>(largest, messages_max);
    // The model first: it is to know when the answer comes.
    model_.Subscribe(player.number, next_request_[player.number] + 1, filter, disconnects);
    const uint64_t id = player.client->Subscribe(
        filter, {.overflow = disconnects ? OVERFLOW_DISCONNECT : OVERFLOW_DROP_OLDEST,
                 .messages_max = messages_max});
    next_request_[player.number] = id;
  }

  void Unsubscribe(Player& player) ESOCKETS_ON_LOOP {
    if (player.client->gone() || player.client->session().ended()) return;
    const auto& subscriptions = player.client->session().subscriptions();
    if (subscriptions.empty()) return;
    const std::string filter(subscriptions.begin()->first);
    model_.Unsubscribe(player.number, next_request_[player.number] + 1, filter);
    next_request_[player.number] = player.client->Unsubscribe(filter);
  }

  void Publish(Player& player) ESOCKETS_ON_LOOP {
    if (player.client->gone() || player.client->session().ended()) return;
    const std::string_view topic = kTopics[Below(std::size(kTopics))];
    const uint64_t burst = Below(6) == 0 ? 30 : 1 + Below(3);
    for (uint64_t i = 0; i < burst; ++i) {
      const std::string payload = base::StrCat(
          model_.next_message(), ":", std::string(Below(10) == 0 ? Below(2000) : Below(50), '.'));
      if (Below(3) == 0) {
        next_request_[player.number] = player.client->PublishAcked(topic, payload);
      } else {
        player.client->Publish(topic, payload);
      }
      // After the broker: what it answers within the call concerns earlier messages.
      model_.Publish(player.number, topic);
    }
  }

  void Slow(Player& player) ESOCKETS_ON_LOOP {
    player.slow = !player.slow;
    if (player.slow) {
      player.client->sink.set_window(Below(1000));
    } else {
      player.client->sink.Read(FakeSink::kUnlimited);
    }
  }

  // The player's connection breaks, or somebody takes its name while it is still there.
  void Replace(std::unique_ptr<Player>& player, std::string_view client_id) ESOCKETS_ON_LOOP {
    std::unique_ptr<Player> next;
    if (!client_id.empty()) next = Join(client_id);
    player->client->Vanish();
    model_.End(player->number);
    if (!next) next = Join("");
    left_.push_back(std::move(player));
    player = std::move(next);
  }

  void EndTurn() ESOCKETS_ON_LOOP {
    broker_.Turn();
    for (auto& player : players_) {
      for (const ServerFrame& frame : player->client->sink.TakeFrames()) {
        model_.OnFrame(player->number, frame);
      }
      if (!player->client->gone()) {
        CheckMemory(*player);
        continue;
      }
      if (const auto& closed = player->client->sink.closed();
          !closed || closed->code != broker::CloseCode::kSlowConsumer) {
        error_ = "closed for no reason";
      }
      model_.End(player->number);
      left_.push_back(std::move(player));
      player = Join("");
    }
    left_.clear();
    if (broker_.shard.backlog_pool.bytes() > broker_.shard.limits().backlogs_bytes_max) {
      error_ = "backlogs over the broker's limit";
    }
  }

  void CheckMemory(const Player& player) ESOCKETS_ON_LOOP {
    const broker::Session& session = player.client->session();
    const broker::Limits& limits = broker_.shard.limits();
    if (session.outbox().backlog_bytes() > limits.backlog_bytes_max) {
      error_ = "backlog over the client's limit";
    }
    for (const auto& [filter, subscription] : session.subscriptions()) {
      if (!subscription->backlog) continue;
      if (subscription->backlog->messages > player.messages_max.find(filter)->second) {
        error_ = "backlog over the subscription's limit";
      }
    }
  }

  // What a Published promises.
  void CheckInEveryOutbox() ESOCKETS_ON_LOOP {
    for (const auto& player : players_) {
      if (!player || player->client->gone() || player->client->session().ended()) continue;
      if (!model_.countable(player->number)) continue;
      const broker::Outbox& outbox = player->client->session().outbox();
      const uint64_t offered = outbox.delivered_messages_total() + outbox.dropped_messages_total() +
                               outbox.backlog_messages();
      if (offered != model_.offered(player->number)) error_ = "Published too early";
    }
  }

  // Everybody reads everything.
  void Settle() ESOCKETS_ON_LOOP {
    for (int turn = 0; turn < 200; ++turn) {
      bool waits = false;
      for (auto& player : players_) {
        player->client->sink.Read(FakeSink::kUnlimited);
        waits |= player->client->sink.unsent_bytes() > 0 ||
                 (!player->client->gone() && player->client->session().outbox().behind());
      }
      EndTurn();
      if (!waits && turn > 2) break;
    }
    for (auto& player : players_) model_.CheckSettled(player->number);
    if (broker_.shard.backlog_pool.messages() != 0) error_ = "a backlog that nobody empties";
  }

  std::mt19937_64 random_;
  const FakeSink::Fault fault_;
  bool overlaps_ = false;
  SimBroker broker_;
  DeliveryModel model_;
  std::string error_;
  int next_player_ = 0;
  std::map<int, uint64_t> next_request_;
  std::vector<std::unique_ptr<Player>> players_;
  std::vector<std::unique_ptr<Player>> left_;  // until the end of the turn
};

std::string Play(uint64_t seed, FakeSink::Fault fault) { return BrokerSim(seed, fault).Play(250); }

TEST(BrokerSim, KeepsItsPromises) {
  base::SetLogLevel(base::LogLevel::kError);
  const char* only = std::getenv("ESOCKETS_SEED");
  const uint64_t first = only == nullptr ? 1 : std::strtoull(only, nullptr, 10);
  const uint64_t count = only == nullptr ? 200 : 1;
  for (uint64_t seed = first; seed < first + count; ++seed) {
    ASSERT_EQ(Play(seed, FakeSink::Fault::kNone), "") << "ESOCKETS_SEED=" << seed;
  }
}

// A model that never complains would prove nothing.
TEST(BrokerSim, NoticesWhatIsWrong) {
  constexpr uint64_t kSeeds = 5;
  const struct {
    FakeSink::Fault fault;
    std::string_view name;
  } cases[] = {
      {FakeSink::Fault::kLoseGap, "a Gap is lost"},
      {FakeSink::Fault::kWrongGap, "a Gap says too few"},
      {FakeSink::Fault::kLateGap, "a Gap comes late"},
      {FakeSink::Fault::kSwapMessages, "messages change places"},
      {FakeSink::Fault::kRepeatMessage, "a message comes twice"},
      {FakeSink::Fault::kLoseMessage, "a message is lost"},
  };
  for (const auto& c : cases) {
    uint64_t seed = 1;
    while (seed <= kSeeds && Play(seed, c.fault).empty()) ++seed;
    EXPECT_LE(seed, kSeeds) << c.name;
  }
}

}  // namespace
}  // namespace esockets::tests
