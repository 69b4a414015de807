#include "tests/sim/stream_sim.h"

#include <cstdlib>
#include <iterator>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "broker/client_classes.h"
#include "tests/support/pretend_on_loop.h"

namespace esockets::tests {
namespace {

constexpr std::string_view kTopics[] = {"s/a", "s/a", "s/b", "s/c/d", "s"};
constexpr std::string_view kFilters[] = {"s/#", "s/a", "s/+", "s/c/#"};
constexpr size_t kPlayers = 6;

// By the listener, so that of the players a third is in each and a third in none.
broker::ClientClasses RandomClasses(std::mt19937_64& random) {
  std::vector<broker::ClientClass> classes(2);
  for (size_t i = 0; i < classes.size(); ++i) {
    classes[i].name = base::StrCat("class-", i);
    classes[i].listeners = {i + 1};
    classes[i].kept.stream_messages_max = random() % 3 == 0 ? 0 : 1 + random() % 20;
  }
  return broker::ClientClasses(std::move(classes));
}

}  // namespace

StreamSim::StreamSim(uint64_t seed, uint32_t loops, LinkFault fault)
    : RandomSim(seed, loops, fault, RandomSettings),
      model_(settings().streams[0].limits.messages_per_topic_max != 0 ||
             !settings().classes.all().empty()) {
  PretendOnLoop();
  witness_ = Join();
  witness_->client->Subscribe("s/#", {.overflow = OVERFLOW_DROP_OLDEST});
  for (size_t i = 0; i < kPlayers; ++i) players_.push_back(Join());
  for (int turn = 0; turn < 20; ++turn) EndTurns();
}

broker::Settings StreamSim::RandomSettings(std::mt19937_64& random) {
  broker::Settings settings;
  broker::StreamRule rule{.name = "s", .filter = "s/#", .limits = {}, .message_ids = {}};
  rule.limits.messages_max = random() % 2 == 0 ? 1000 : 5 + random() % 50;
  rule.limits.bytes_max = random() % 3 == 0 ? 2000 + random() % 20'000 : 1 << 20;
  if (random() % 4 == 0) rule.limits.messages_per_topic_max = 1 + random() % 10;
  settings.streams.push_back(rule);
  if (random() % 3 == 0) settings.classes = RandomClasses(random);
  settings.limits.high_watermark_bytes = 500 + random() % 4000;
  settings.limits.backlog_messages_max = static_cast<uint32_t>(1 + random() % 60);
  settings.limits.exchange_bytes_max = 500 + random() % 4000;
  return settings;
}

std::unique_ptr<StreamSim::Player> StreamSim::Join() {
  PretendOnLoop();
  auto player = NewPlayer<Player>();
  SimClient::Observer observer;
  observer.after = [this, number = player->number](const ClientFrame& frame) {
    if (!frame.has_publish()) return;
    model_.Publish(number, std::strtoull(frame.publish().payload().c_str(), nullptr, 10));
  };
  player->client->set_observer(std::move(observer));
  player->client->sink.set_listener(static_cast<size_t>(player->number) % 3);
  player->client->Connect(base::StrCat("player-", player->number));
  return player;
}

// --- what they do -------------------------------------------------------------------------------

void StreamSim::Step() {
  PretendOnLoop();
  auto& chosen = players_[Below(players_.size())];
  const uint64_t dice = Below(100);
  if (dice < 15) return Subscribe(*chosen);
  if (dice < 30) return Slow(*chosen, 1000);
  if (dice < 50) return chosen->client->sink.Read(Below(3000));
  if (dice < 53) return Resume(chosen);
  Publish(*chosen);
}

void StreamSim::Subscribe(Player& player) {
  PretendOnLoop();
  if (std::exchange(player.subscribed, true)) return SubscribeWithin(player);
  constexpr Overflow kContracts[] = {OVERFLOW_REPLAY, OVERFLOW_REPLAY, OVERFLOW_REPLAY,
                                     OVERFLOW_DROP_OLDEST, OVERFLOW_DROP_NEWEST};
  const Overflow contract = kContracts[Below(std::size(kContracts))];
  player.reader.filter = kFilters[Below(std::size(kFilters))];
  player.reader.replay = contract == OVERFLOW_REPLAY;
  SimClient::Options options{.overflow = contract};
  if (Below(3) > 0) {
    options.start = START_LAST;
    options.start_at = 1 + Below(40);
  }
  player.client->Subscribe(player.reader.filter, options);
}

// What overlaps may come twice and in another order: nothing of it is lost.
void StreamSim::SubscribeWithin(Player& player) {
  PretendOnLoop();
  if (!player.reader.replay || player.reader.filter != kFilters[0] || Below(2) == 0) return;
  player.reader.overlaps = true;
  SimClient::Options options{.overflow = OVERFLOW_REPLAY};
  if (Below(2) == 0) {
    options.start = START_LAST;
    options.start_at = 1 + Below(10);
  }
  const std::string_view within = kFilters[1 + Below(std::size(kFilters) - 1)];
  // Beginning elsewhere would give up what is not read yet, for both.
  if (player.within.insert(within).second) player.client->Subscribe(within, options);
}

// The connection breaks; somebody comes back where this one was.
void StreamSim::Resume(std::unique_ptr<Player>& player) {
  PretendOnLoop();
  Receive(*player);
  model_.Check(player->reader, false);
  auto next = Join();
  const StreamModel::Reader& before = player->reader;
  if (before.open && !before.overlaps) {
    next->subscribed = true;
    next->reader = {.filter = before.filter,
                    .replay = true,
                    .asked_behind = before.reached,
                    .resumes = true,
                    .arrived = {},
                    .holes = {}};
    next->client->Subscribe(before.filter, {.overflow = OVERFLOW_REPLAY,
                                            .start = START_AFTER_POSITION,
                                            .start_at = before.reached,
                                            .start_epoch = before.epoch});
  }
  player = std::move(next);
}

void StreamSim::Publish(Player& player) {
  PretendOnLoop();
  const std::string_view topic = kTopics[Below(std::size(kTopics))];
  const uint64_t burst = Below(6) == 0 ? 30 : 1 + Below(3);
  player.client->Cork();
  for (uint64_t i = 0; i < burst; ++i) {
    const uint64_t number = ++messages_;
    const std::string payload =
        base::StrCat(number, ":", std::string(Below(10) == 0 ? Below(2000) : Below(50), '.'));
    const bool named = Below(5) == 0;
    const SimClient::MessageOptions options{
        .key = {}, .ttl_ms = 0, .message_id = named ? base::StrCat("id-", number) : std::string()};
    if (!named && Below(2) == 0) {
      player.client->Publish(topic, payload);
      continue;
    }
    // What is named is sent again at times.
    for (uint64_t times = named ? 1 + Below(2) : 1; times > 0; --times) {
      player.acknowledged[player.client->PublishAcked(topic, payload, options)] = number;
    }
  }
  player.client->Uncork();
}

// --- turns --------------------------------------------------------------------------------------

void StreamSim::EndTurn(uint32_t loop) {
  cluster().loop(loop).Turn();
  Receive(*witness_);
  for (auto& player : players_) Receive(*player);
}

void StreamSim::Receive(Player& player) {
  for (const ServerFrame& frame : player.client->sink.TakeFrames()) {
    if (&player == witness_.get()) {
      if (frame.has_message()) model_.OnWitness(frame.message());
      continue;
    }
    model_.OnFrame(&player.reader, frame);
    if (frame.has_published()) {
      model_.OnStored(player.acknowledged.at(frame.published().id()), frame.published().stored());
    }
  }
}

void StreamSim::Settle() {
  for (int turn = 0; turn < 600; ++turn) {
    ReadAll(players_);
    EndTurns();
  }
  model_.CheckPublished();
  for (auto& player : players_) {
    CheckPublishesTaken(*player);
    if (player->subscribed) model_.Check(player->reader, true);
  }
  for (uint32_t loop = 0; loop < cluster().size(); ++loop) {
    if (cluster().loop(loop).shard.stream_readers.size() > 0) Fail("somebody reads for ever");
  }
}

}  // namespace esockets::tests
