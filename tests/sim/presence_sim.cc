#include "tests/sim/presence_sim.h"

#include <chrono>
#include <iterator>
#include <utility>

#include "base/strings.h"
#include "proto/presence.pb.h"
#include "tests/support/fake_sink.h"
#include "tests/support/pretend_on_loop.h"

namespace esockets::tests {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kTopics[] = {"room/1", "room/2", "room/3"};
constexpr size_t kPlayers = 8;
constexpr uint32_t kLoopCounts[] = {1, 2, 4};

}  // namespace

PresenceSim::PresenceSim(uint64_t seed, uint32_t loops, LinkFault fault)
    : random_(seed),
      settings_(RandomSettings(random_)),
      cluster_(loops == 0 ? kLoopCounts[Below(3)] : loops, settings_, 8192, fault) {
  PretendOnLoop();
  for (size_t i = 0; i < kPlayers; ++i) {
    players_.push_back({.id = base::StrCat("player-", i), .client = nullptr, .topics = {}});
  }
  for (const std::string_view topic : kTopics) watchers_.push_back(Watch(topic));
  for (int turn = 0; turn < 20; ++turn) EndTurns();
}

broker::Settings PresenceSim::RandomSettings(std::mt19937_64& random) {
  broker::Settings settings;
  settings.presence = {{.filter = "room/+",
                        .window = milliseconds(100 + random() % 900),
                        .grace = milliseconds(random() % 3000)}};
  settings.limits.high_watermark_bytes = 100 + random() % 300;
  settings.limits.backlog_messages_max = static_cast<uint32_t>(1 + random() % 5);
  return settings;
}

std::string PresenceSim::Play(int steps) {
  for (int step = 0; step < steps && error_.empty(); ++step) {
    Step();
    if (Below(2) == 0) EndTurns();
  }
  if (error_.empty()) Settle();
  return error_;
}

std::unique_ptr<SimClient> PresenceSim::Connect(std::string_view client_id) {
  PretendOnLoop();
  const auto loop = static_cast<uint32_t>(Below(cluster_.size()));
  auto client = std::make_unique<SimClient>(&cluster_.loop(loop));
  client->Connect(client_id);
  return client;
}

std::unique_ptr<PresenceSim::Watcher> PresenceSim::Watch(std::string_view topic) {
  PretendOnLoop();
  auto watcher = std::make_unique<Watcher>();
  watcher->topic = topic;
  watcher->client = Connect(base::StrCat("watcher-", topic));
  watcher->client->Subscribe(base::StrCat("$presence/", topic));
  return watcher;
}

// --- what they do -------------------------------------------------------------------------------

void PresenceSim::Step() {
  PretendOnLoop();
  Player& player = players_[Below(players_.size())];
  const uint64_t dice = Below(100);
  if (dice < 10) return Slow(*watchers_[Below(watchers_.size())]);
  if (dice < 20) return watchers_[Below(watchers_.size())]->client->sink.Read(Below(600));
  if (dice < 45) return Pass(milliseconds(Below(700)));
  if (dice < 60 || player.client == nullptr) return Come(player);
  if (dice < 70) {
    Below(2) == 0 ? player.client->Vanish() : player.client->Disconnect("");
    player.client = nullptr;
    player.topics.clear();
    return;
  }
  const std::string topic(kTopics[Below(std::size(kTopics))]);
  if (player.topics.erase(topic) > 0) {
    player.client->Unsubscribe(topic);
  } else {
    player.topics.insert(topic);
    player.client->Subscribe(topic);
  }
}

// For the first time, or again; or it takes over from itself, and is on the same topics.
void PresenceSim::Come(Player& player) {
  PretendOnLoop();
  const std::unique_ptr<SimClient> older = std::move(player.client);
  player.client = Connect(player.id);
  for (const std::string& topic : player.topics) player.client->Subscribe(topic);
  for (int turn = 0; older != nullptr && turn < 6; ++turn) EndTurns();
}

void PresenceSim::Slow(Watcher& watcher) {
  watcher.slow = !watcher.slow;
  if (watcher.slow) {
    watcher.client->sink.set_window(Below(300));
  } else {
    watcher.client->sink.Read(FakeSink::kUnlimited);
  }
}

// Some loops are busy meanwhile.
void PresenceSim::Pass(base::Duration time) {
  PretendOnLoop();
  passed_ += time;
  for (uint32_t loop = 0; loop < cluster_.size(); ++loop) {
    SimExecutor& executor = cluster_.loop(loop).executor;
    executor.EndTurn();
    Below(4) == 0 ? executor.PassWithoutTurn(time) : executor.Advance(time);
    executor.BeginTurn();
  }
}

// --- turns --------------------------------------------------------------------------------------

void PresenceSim::EndTurns() {
  for (uint32_t loop = 0; loop < cluster_.size(); ++loop) {
    PretendOnLoop();
    cluster_.loop(loop).Turn();
  }
  for (auto& watcher : watchers_) Read(*watcher);
}

void PresenceSim::Read(Watcher& watcher) {
  PretendOnLoop();
  for (const ServerFrame& frame : watcher.client->sink.TakeFrames()) {
    if (frame.has_gap()) watcher.book.Invalidate();
    if (!frame.has_message()) continue;
    const std::string& payload = frame.message().payload();
    frame.message().topic() == "roster" ? TakePage(watcher, payload) : TakeUpdate(watcher, payload);
  }
  if (!watcher.asking && watcher.book.must_read()) {
    watcher.book.BeginReading();
    Ask(watcher);
  }
}

void PresenceSim::TakePage(Watcher& watcher, const std::string& payload) {
  PresenceRoster page;
  page.ParseFromString(payload);
  watcher.asking = false;
  watcher.book.OnPage(page);
  if (!watcher.book.must_read() && watcher.book.next_page()) Ask(watcher);
}

void PresenceSim::TakeUpdate(Watcher& watcher, const std::string& payload) {
  PresenceUpdate update;
  update.ParseFromString(payload);
  ++updates_;
  std::set<std::string> named;
  for (const auto* members : {&update.joined(), &update.left()}) {
    for (const auto& member : *members) {
      if (!named.insert(member.client_id()).second) error_ = "named twice: " + member.client_id();
    }
  }
  if (named.empty()) error_ = "an update without news";
  watcher.book.OnUpdate(update);
}

void PresenceSim::Ask(Watcher& watcher) {
  PretendOnLoop();
  PresenceRequest request;
  request.set_limit(static_cast<uint32_t>(1 + Below(3)));
  request.set_after(*watcher.book.next_page());
  watcher.asking = true;
  watcher.client->Publish("$presence/" + watcher.topic, request.SerializeAsString(),
                          {.reply_to = "roster"});
}

// Everybody reads everything, until nothing happens any more.
void PresenceSim::Settle() {
  for (int round = 0; round < 12; ++round) {
    for (auto& watcher : watchers_) watcher->client->sink.Read(FakeSink::kUnlimited);
    PretendOnLoop();
    Pass(milliseconds(500));
    for (int turn = 0; turn < 30; ++turn) EndTurns();
  }
  for (const auto& watcher : watchers_) Check(*watcher);
  for (uint32_t loop = 0; loop < cluster_.size(); ++loop) {
    const broker::Presence& presence = cluster_.loop(loop).shard.presence;
    if (presence.reports().waiting() + presence.reports().on_their_way() > 0) {
      error_ = "a report waits for ever";
    }
  }
  // Each topic had its windows, and no more.
  const auto windows = static_cast<uint64_t>(passed_ / settings_.presence[0].window) + 1;
  if (updates_ > windows * std::size(kTopics)) error_ = "more updates than windows";
}

void PresenceSim::Check(const Watcher& watcher) {
  std::string there, told;
  size_t count = 0;
  for (const Player& player : players_) {
    // Of two of its connections that come at once the older one may win.
    if (player.client == nullptr || player.client->gone()) continue;
    if (!player.client->session().subscriptions().Contains(watcher.topic)) continue;
    there += player.id + " ";
    ++count;
  }
  client::PresenceBook book = watcher.book;
  const auto news = book.TakeNews();
  for (const auto& [id, member] : book.members()) told += id + " ";
  if (error_.empty() && told != there)
    error_ = watcher.topic + ": there is " + there + ", told is " + told;
  if (error_.empty() && news && news->count != count) {
    error_ = base::StrCat(watcher.topic, ": ", count, " are there, told is ", news->count);
  }
}

}  // namespace esockets::tests
