#include "tests/sim/request_sim.h"

#include <iterator>
#include <utility>

#include "base/strings.h"
#include "tests/support/pretend_on_loop.h"

namespace esockets::tests {
namespace {

// The first always has somebody who answers, the last never.
constexpr std::string_view kTopics[] = {"svc/a", "svc/b", "svc/c", "nobody"};
constexpr std::string_view kWills = "wills";
constexpr size_t kPlayers = 5;

}  // namespace

RequestSim::RequestSim(uint64_t seed, uint32_t loops, LinkFault fault)
    : RandomSim(seed, loops, fault, RandomSettings) {
  PretendOnLoop();
  witness_ = Join();
  witness_->client->Subscribe(kWills);
  for (size_t i = 0; i < kPlayers; ++i) players_.push_back(Join());
  Subscribe(*players_[0], kTopics[0]);
  for (int turn = 0; turn < 20; ++turn) EndTurns();
}

broker::Settings RequestSim::RandomSettings(std::mt19937_64& random) {
  broker::Settings settings;
  settings.limits.high_watermark_bytes = 200 + random() % 1000;
  settings.limits.backlog_messages_max = static_cast<uint32_t>(1 + random() % 30);
  settings.limits.exchange_bytes_max = 500 + random() % 4000;
  return settings;
}

RequestSim::PlayerPtr RequestSim::Join(std::string client_id) {
  PretendOnLoop();
  auto player = NewPlayer<Player>();
  if (client_id.empty()) client_id = base::StrCat("player-", player->number);
  esockets::Will will;
  will.mutable_message()->set_topic(std::string(kWills));
  will.mutable_message()->set_payload(std::to_string(player->number));
  player->client->Connect(client_id, will);
  player->client_id = std::move(client_id);
  return player;
}

// --- what they do -------------------------------------------------------------------------------

void RequestSim::Step() {
  PretendOnLoop();
  auto& chosen = players_[Below(players_.size())];
  const uint64_t dice = Below(100);
  if (dice < 8) return Subscribe(*chosen, kTopics[Below(std::size(kTopics) - 1)]);
  if (dice < 16) return Slow(*chosen, 300);
  if (dice < 35) return chosen->client->sink.Read(Below(600));
  if (dice < 38) return Break(chosen);
  if (dice < 40) return SayGoodbye(chosen);
  if (dice < 42) return TakeOver(chosen);
  Request(*chosen);
}

void RequestSim::Subscribe(Player& player, std::string_view topic) {
  PretendOnLoop();
  ++player.subscribes_waiting;
  player.client->Subscribe(topic);
}

void RequestSim::Request(Player& player) {
  PretendOnLoop();
  if (player.inbox.empty()) return;
  const std::string_view topic = kTopics[Below(std::size(kTopics))];
  const uint64_t number = ++messages_;
  model_.OnRequest(number, player.number, topic == kTopics[0], topic == kTopics[3]);
  // Its answer may come within the call.
  const uint64_t id = player.client->next_request_id();
  player.requests[id] = number;
  player.client->PublishAcked(topic, base::StrCat(number, ":", std::string(Below(60), '.')),
                              {.reply_to = base::StrCat(player.inbox, "/", number)});
}

void RequestSim::Break(PlayerPtr& player) {
  PretendOnLoop();
  if (player == players_[0] || player->inbox.empty()) return;
  model_.OnBroken(player->number);
  player->client->Vanish();
  Take(*player);
  player = Join();
}

// Nothing of it is on its way, so that it is at an end within the call.
void RequestSim::SayGoodbye(PlayerPtr& player) {
  PretendOnLoop();
  SimClient& client = *player->client;
  if (player == players_[0] || player->inbox.empty() || player->subscribes_waiting > 0) return;
  if (client.waiting_frames() > 0 || client.sink.reading_paused()) return;
  model_.OnGoodbye(player->number);
  client.Disconnect("");
  Take(*player);
  player = Join();
}

void RequestSim::TakeOver(PlayerPtr& player) {
  PretendOnLoop();
  if (player == players_[0] || player->inbox.empty()) return;
  model_.OnGoodbye(player->number);
  PlayerPtr next = Join(player->client_id);
  replaced_.push_back(std::exchange(player, std::move(next)));
}

// --- what arrives -------------------------------------------------------------------------------

void RequestSim::Take(Player& player) {
  for (const ServerFrame& frame : player.client->sink.TakeFrames()) {
    if (frame.has_connected()) player.inbox = frame.connected().inbox();
    if (frame.has_subscribed()) --player.subscribes_waiting;
    if (frame.has_published()) OnAnswered(player, frame.published().id(), false);
    if (frame.has_error()) OnAnswered(player, frame.error().id(), true);
    if (frame.has_gap() && frame.gap().filter() == player.inbox) {
      model_.OnAnswersLost(player.number, frame.gap().messages());
    }
    if (frame.has_message()) OnMessage(player, frame.message());
  }
}

void RequestSim::OnAnswered(Player& player, uint64_t id, bool refused) {
  if (const auto request = player.requests.find(id); request != player.requests.end()) {
    refused ? model_.OnNoResponders(request->second) : model_.OnAccepted(request->second);
  } else if (const auto answer = player.answers.find(id); answer != player.answers.end()) {
    refused ? model_.OnNoInbox(answer->second) : model_.OnAnswerAccepted(answer->second);
  } else {
    Fail("an answer to nothing");
  }
}

// A request is answered at once.
void RequestSim::OnMessage(Player& player, const Message& message) {
  if (message.reply_to().empty()) return model_.OnAnswerReceived(player.number, message.payload());
  PretendOnLoop();
  const uint64_t request = std::stoull(message.payload());
  model_.OnRequestReceived(request);
  const std::string answer = RequestModel::Answer(request, player.number);
  model_.OnAnswer(answer);
  player.answers[player.client->next_request_id()] = answer;
  player.client->PublishAcked(message.reply_to(), answer);
}

// --- turns --------------------------------------------------------------------------------------

void RequestSim::EndTurn(uint32_t loop) {
  cluster().loop(loop).Turn();
  for (const ServerFrame& frame : witness_->client->sink.TakeFrames()) {
    if (frame.has_message()) model_.OnWill(std::stoi(frame.message().payload()));
  }
  for (auto& player : players_) {
    if (player->loop == loop) Take(*player);
  }
  std::erase_if(replaced_, [](const PlayerPtr& player) { return player->client->gone(); });
}

void RequestSim::Settle() {
  for (int turn = 0; turn < 600; ++turn) {
    ReadAll(players_);
    EndTurns();
  }
  for (auto& player : players_) CheckPublishesTaken(*player);
  if (!replaced_.empty()) Fail("somebody who was taken over is still there");
  model_.Check();
}

}  // namespace esockets::tests
