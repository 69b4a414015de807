#include "tests/sim/last_value_sim.h"

#include <iterator>
#include <string_view>
#include <utility>

#include "base/strings.h"
#include "tests/support/pretend_on_loop.h"

namespace esockets::tests {
namespace {

constexpr std::string_view kTopics[] = {"v/a/s", "v/b/s", "v/c/s", "v/d", "v/e", "plain"};
constexpr std::string_view kFilters[] = {"#", "v/#", "v/+/s", "v/a/s", "v/+", "+/b/s", "v/d"};
constexpr size_t kPlayers = 6;

}  // namespace

LastValueSim::LastValueSim(uint64_t seed, uint32_t loops, LinkFault fault)
    : RandomSim(seed, loops, fault, RandomSettings) {
  PretendOnLoop();
  witness_ = Join();
  witness_->client->Subscribe("#", {.overflow = OVERFLOW_DROP_OLDEST});
  for (size_t i = 0; i < kPlayers; ++i) players_.push_back(Join());
  for (int turn = 0; turn < 20; ++turn) EndTurns();
}

broker::Settings LastValueSim::RandomSettings(std::mt19937_64& random) {
  broker::Settings settings;
  for (const char* filter : {"v/+/s", "v/+"}) {
    settings.streams.push_back({.name = filter,
                                .filter = filter,
                                .limits = {.messages_per_topic_max = 1},
                                .message_ids = {.ids_max = 0},
                                .last_values = broker::LastValueLimits()});
    if (random() % 4 == 0) settings.streams.back().last_values->topics_max = 1 + random() % 2;
  }
  settings.limits.high_watermark_bytes = 100 + random() % 1000;
  settings.limits.conflate_watermark_bytes = 100 + random() % 1000;
  settings.limits.backlog_messages_max = static_cast<uint32_t>(1 + random() % 60);
  settings.limits.exchange_bytes_max = 500 + random() % 4000;
  return settings;
}

std::unique_ptr<LastValueSim::Player> LastValueSim::Join() {
  PretendOnLoop();
  auto player = NewPlayer<Player>();
  player->client->Connect(base::StrCat("player-", player->number));
  return player;
}

// --- what they do -------------------------------------------------------------------------------

void LastValueSim::Step() {
  PretendOnLoop();
  auto& chosen = players_[Below(players_.size())];
  const uint64_t dice = Below(100);
  if (dice < 12) return Subscribe(*chosen);
  if (dice < 25) return Slow(*chosen, 300);
  if (dice < 45) return chosen->client->sink.Read(Below(600));
  if (dice < 50) return void(chosen = Join());  // the connection of this one breaks
  Publish(*chosen);
}

void LastValueSim::Subscribe(Player& player) {
  PretendOnLoop();
  constexpr Overflow kContracts[] = {OVERFLOW_DROP_OLDEST, OVERFLOW_CONFLATE};
  if (std::exchange(player.subscribed, true)) {
    if (Below(2) == 0) return;
    player.reader.repeats = true;
  } else {
    player.reader.filter = kFilters[Below(std::size(kFilters))];
    model_.OnSubscribe(&player.reader);
  }
  const Overflow contract = kContracts[Below(2)];
  player.reader.conflates |= contract == OVERFLOW_CONFLATE;
  player.client->Subscribe(player.reader.filter, {.overflow = contract});
}

void LastValueSim::Publish(Player& player) {
  PretendOnLoop();
  player.client->Cork();
  for (uint64_t left = Below(6) == 0 ? 30 : 1 + Below(3); left > 0; --left) {
    const std::string_view topic = kTopics[Below(std::size(kTopics))];
    const uint64_t number = ++messages_;
    const bool clears = topic != "plain" && Below(6) == 0;
    SimClient::MessageOptions options;
    if (clears) options.ttl_ms = LastValueModel::kClearTtlMillis + static_cast<uint32_t>(number);
    const std::string payload =
        clears ? "" : base::StrCat(number, ":", std::string(Below(100), '.'));
    if (Below(4) == 0) {
      player.client->PublishAcked(topic, payload, options);
    } else {
      player.client->Publish(topic, payload, options);
    }
  }
  player.client->Uncork();
}

// --- turns --------------------------------------------------------------------------------------

void LastValueSim::EndTurn(uint32_t loop) {
  cluster().loop(loop).Turn();
  for (const ServerFrame& frame : witness_->client->sink.TakeFrames()) {
    if (frame.has_message()) model_.OnWitness(frame.message());
  }
  for (auto& player : players_) {
    for (const ServerFrame& frame : player->client->sink.TakeFrames()) {
      model_.OnFrame(&player->reader, frame);
    }
  }
}

void LastValueSim::Settle() {
  for (int turn = 0; turn < 600; ++turn) {
    ReadAll(players_);
    EndTurns();
  }
  for (auto& player : players_) {
    CheckPublishesTaken(*player);
    if (player->subscribed) model_.Check(player->reader);
  }
  for (uint32_t loop = 0; loop < cluster().size(); ++loop) {
    if (cluster().loop(loop).shard.snapshots.size() > 0) Fail("somebody reads for ever");
  }
}

}  // namespace esockets::tests
