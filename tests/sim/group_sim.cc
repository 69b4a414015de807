#include "tests/sim/group_sim.h"

#include <iterator>
#include <string_view>
#include <utility>

#include "base/strings.h"
#include "tests/support/pretend_on_loop.h"

namespace esockets::tests {
namespace {

struct GroupOf {
  std::string_view name;
  std::string_view filter;
};
constexpr GroupOf kGroups[] = {{"workers", "jobs/#"}, {"loggers", "jobs/a"}};
constexpr std::string_view kTopics[] = {"jobs/a", "jobs/b", "jobs/c/d"};
constexpr size_t kPlayers = 6;

}  // namespace

GroupSim::GroupSim(uint64_t seed, uint32_t loops, LinkFault fault)
    : RandomSim(seed, loops, fault, RandomSettings) {
  PretendOnLoop();
  for (size_t group = 0; group < std::size(kGroups); ++group) {
    strategies_[group] = static_cast<GroupStrategy>(1 + Below(3));
    model_.AddGroup(std::string(kGroups[group].name), kGroups[group].filter,
                    strategies_[group] == GROUP_STRATEGY_HASH);
  }
  witness_ = Join();
  witness_->client->Subscribe("#");
  for (size_t i = 0; i < kPlayers; ++i) players_.push_back(Join());
  for (size_t group = 0; group < std::size(kGroups); ++group) Subscribe(*players_[0], group);
  for (int turn = 0; turn < 20; ++turn) EndTurns();
}

broker::Settings GroupSim::RandomSettings(std::mt19937_64& random) {
  broker::Settings settings;
  settings.limits.high_watermark_bytes = 100 + random() % 1000;
  settings.limits.backlog_messages_max = static_cast<uint32_t>(1 + random() % 60);
  settings.limits.exchange_bytes_max = 500 + random() % 4000;
  return settings;
}

std::unique_ptr<GroupSim::Player> GroupSim::Join() {
  PretendOnLoop();
  auto player = NewPlayer<Player>();
  player->client->Connect(base::StrCat("player-", player->number));
  player->member.resize(std::size(kGroups));
  // Of no message: the interests of groups are not the first that the loops tell each other.
  for (uint64_t i = Below(4); i > 0; --i) {
    player->client->Subscribe(base::StrCat("x/", player->number, "/", i));
  }
  return player;
}

// --- what they do -------------------------------------------------------------------------------

void GroupSim::Step() {
  PretendOnLoop();
  auto& chosen = players_[Below(players_.size())];
  const uint64_t dice = Below(100);
  if (dice < 10) return Subscribe(*chosen, Below(std::size(kGroups)));
  if (dice < 14) return Leave(*chosen, Below(std::size(kGroups)));
  if (dice < 30) return Slow(*chosen, 300);
  if (dice < 50) return chosen->client->sink.Read(Below(600));
  if (dice < 55) return Break(chosen);
  Publish(*chosen);
}

void GroupSim::Subscribe(Player& player, size_t group) {
  PretendOnLoop();
  player.member[group] = true;
  player.client->Subscribe(kGroups[group].filter, {.group = std::string(kGroups[group].name),
                                                   .strategy = strategies_[group]});
}

void GroupSim::Leave(Player& player, size_t group) {
  PretendOnLoop();
  if (&player == players_[0].get() || !player.member[group]) return;
  player.member[group] = false;
  player.client->Unsubscribe(kGroups[group].filter, kGroups[group].name);
}

void GroupSim::Break(std::unique_ptr<Player>& player) {
  PretendOnLoop();
  if (player == players_[0]) return;
  player->client->Vanish();
  Take(*player);
  player = Join();
}

void GroupSim::Publish(Player& player) {
  PretendOnLoop();
  player.client->Cork();
  for (uint64_t left = Below(6) == 0 ? 30 : 1 + Below(3); left > 0; --left) {
    const std::string_view topic = kTopics[Below(std::size(kTopics))];
    const uint64_t number = ++messages_;
    // Order is promised of one publisher's messages on one topic.
    const std::string key = base::StrCat(player.number, " ", topic, " ", Below(2));
    player.client->Publish(topic, base::StrCat(number, ":", std::string(Below(100), '.')),
                           {.key = key});
  }
  player.client->Uncork();
}

// --- turns --------------------------------------------------------------------------------------

void GroupSim::Take(Player& player) {
  for (const ServerFrame& frame : player.client->sink.TakeFrames()) {
    model_.OnFrame(frame);
  }
}

void GroupSim::EndTurn(uint32_t loop) {
  cluster().loop(loop).Turn();
  for (const ServerFrame& frame : witness_->client->sink.TakeFrames()) {
    if (frame.has_message()) model_.OnWitness(frame.message());
  }
  for (auto& player : players_) {
    if (player->loop == loop) Take(*player);
  }
}

void GroupSim::Settle() {
  for (int turn = 0; turn < 600; ++turn) {
    ReadAll(players_);
    EndTurns();
  }
  for (auto& player : players_) CheckPublishesTaken(*player);
  model_.Check();
  for (uint32_t loop = 0; loop < cluster().size(); ++loop) {
    if (cluster().loop(loop).shard.backlog_pool.messages() > 0) Fail("something waits for ever");
  }
}

}  // namespace esockets::tests
