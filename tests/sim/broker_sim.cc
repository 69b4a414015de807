#include "tests/sim/broker_sim.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "base/strings.h"
#include "broker/session.h"
#include "tests/support/pretend_on_loop.h"

namespace esockets::tests {
namespace {

constexpr std::string_view kTopics[] = {"a", "b", "a/b", "a/c", "a/b/c", "b/x"};
constexpr std::string_view kFilters[] = {"a", "b", "a/b", "a/c", "b/x", "a/b/c", "a/+", "a/#", "#"};
constexpr size_t kLiterals = 6;  // of kFilters
constexpr size_t kPlayers = 8;

}  // namespace

BrokerSim::BrokerSim(uint64_t seed, uint32_t loops, SimFaults faults)
    : RandomSim(seed, loops, faults.link, RandomSettings),
      faults_(faults),
      model_(cluster().size() == 1) {
  overlaps_ = Below(3) == 0;
  for (size_t i = 0; i < kPlayers; ++i) players_.push_back(Join(""));
}

broker::Settings BrokerSim::RandomSettings(std::mt19937_64& random) {
  broker::Settings settings;
  broker::Limits& limits = settings.limits;
  limits.high_watermark_bytes = 500 + random() % 4000;
  limits.backlog_bytes_max = 2000 + random() % 8000;
  limits.backlogs_bytes_max = 4000 + random() % 40'000;
  limits.backlog_messages_max = static_cast<uint32_t>(1 + random() % 60);
  limits.exchange_bytes_max = 500 + random() % 4000;
  limits.conflate_watermark_bytes = 300 + random() % 4000;
  return settings;
}

// --- coming and going ---------------------------------------------------------------------------

std::unique_ptr<BrokerSim::Player> BrokerSim::Join(std::string_view client_id) {
  PretendOnLoop();
  auto player = NewPlayer<Player>();
  player->client_id =
      client_id.empty() ? base::StrCat("player-", player->number) : std::string(client_id);
  player->client->set_observer(ObserverOf(*player));
  player->client->sink.set_fault(faults_.sink, static_cast<uint32_t>(2 + Below(6)));
  player->client->sink.set_on_answer([this, loop = player->loop](broker::Answer answer, uint64_t) {
    if (answer == broker::Answer::kPublished) CheckInEveryOutbox(loop);
  });
  model_.Connect(player->number);
  player->client->Connect(player->client_id);
  return player;
}

// The model hears of a Publish after the broker: what that answers within the call concerns earlier
// messages. Of the others it hears before: it is to know when the answer comes.
SimClient::Observer BrokerSim::ObserverOf(Player& player) {
  SimClient::Observer observer;
  observer.before = [this, &player](const ClientFrame& frame) {
    if (!frame.has_publish()) TellModel(player, frame);
  };
  observer.after = [this, &player](const ClientFrame& frame) {
    if (frame.has_publish()) TellModel(player, frame);
  };
  return observer;
}

void BrokerSim::TellModel(const Player& player, const ClientFrame& frame) {
  if (frame.has_publish()) {
    model_.Publish(player.number, frame.publish(),
                   std::strtoull(frame.publish().payload().c_str(), nullptr, 10));
  } else if (frame.has_subscribe()) {
    model_.Subscribe(player.number, frame.subscribe().id(), frame.subscribe().filter(),
                     frame.subscribe().overflow());
  } else if (frame.has_unsubscribe()) {
    model_.Unsubscribe(player.number, frame.unsubscribe().id(), frame.unsubscribe().filter());
  }
}

// The player's connection breaks, or somebody takes its name while it is still there.
void BrokerSim::Replace(std::unique_ptr<Player>& player, std::string_view client_id) {
  PretendOnLoop();
  std::unique_ptr<Player> next;
  if (!client_id.empty()) next = Join(client_id);
  if (client_id.empty()) player->client->Vanish();
  model_.End(player->number);
  if (!next) next = Join("");
  left_.push_back(std::move(player));
  player = std::move(next);
}

// --- what they do -------------------------------------------------------------------------------

void BrokerSim::Step() {
  PretendOnLoop();
  auto& chosen = players_[Below(players_.size())];
  const uint64_t dice = Below(100);
  if (dice < 15) return Subscribe(*chosen);
  if (dice < 18) return Unsubscribe(*chosen);
  if (dice < 28) return Slow(*chosen, 1000);
  if (dice < 43) return chosen->client->sink.Read(Below(3000));
  if (dice < 44) return Replace(chosen, "");
  // A take-over. Of two that are on their way, the one that arrives last wins.
  if (dice < 46 && chosen->connected) return Replace(chosen, chosen->client_id);
  if (dice < 48) return chosen->client->Ping(1);
  Publish(*chosen);
}

void BrokerSim::Subscribe(Player& player) {
  PretendOnLoop();
  const std::string filter(
      kFilters[Below(overlaps_ || Below(8) == 0 ? std::size(kFilters) : kLiterals)]);
  const auto contract = static_cast<Overflow>(1 + Below(4));
  if (contract == OVERFLOW_DISCONNECT && Below(2) == 0) return;  // that ends too many
  player.countable &= contract != OVERFLOW_DISCONNECT;
  const auto messages_max =
      static_cast<uint32_t>(1 + Below(settings().limits.backlog_messages_max));
  uint64_t& largest = player.messages_max[filter];
  largest = std::max<uint64_t>(largest, messages_max);
  if (std::ranges::find(player.filters, filter) == player.filters.end()) {
    player.filters.push_back(filter);
  }
  player.client->Subscribe(
      filter, {.overflow = contract,
               .messages_max = messages_max,
               .age_max_ms = Below(4) == 0 ? 1 + static_cast<uint32_t>(Below(50)) : 0});
}

void BrokerSim::Unsubscribe(Player& player) {
  PretendOnLoop();
  if (player.filters.empty()) return;
  player.countable = false;
  player.client->Unsubscribe(player.filters.front());
  player.filters.erase(player.filters.begin());
}

void BrokerSim::Publish(Player& player) {
  PretendOnLoop();
  const std::string_view topic = kTopics[Below(std::size(kTopics))];
  const uint64_t burst = Below(6) == 0 ? 30 : 1 + Below(3);
  player.client->Cork();
  for (uint64_t i = 0; i < burst; ++i) {
    const size_t filling = Below(10) == 0 ? Below(2000) : Below(50);
    const std::string payload = base::StrCat(messages_++, ":", std::string(filling, '.'));
    const SimClient::MessageOptions options{
        .key = Below(3) == 0 ? std::string(1, static_cast<char>('a' + Below(3))) : std::string(),
        .ttl_ms = Below(8) == 0 ? 1 + static_cast<uint32_t>(Below(30)) : 0};
    if (Below(3) == 0) {
      player.client->PublishAcked(topic, payload, options);
    } else {
      player.client->Publish(topic, payload, options);
    }
  }
  player.client->Uncork();
}

// --- turns --------------------------------------------------------------------------------------

void BrokerSim::EndTurn(uint32_t loop) {
  cluster().loop(loop).Turn();
  for (auto& player : players_) {
    if (player->loop != loop) continue;
    Receive(*player);
    if (player->client->gone()) {
      LetGo(player);
    } else {
      CheckMemory(*player);
      CheckFlushed(*player);
    }
  }
  std::erase_if(left_, [](const auto& player) { return player->client->gone(); });
  if (cluster().totals.backlog_memory_bytes > settings().limits.backlogs_bytes_max) {
    Fail("backlogs over the broker's limit");
  }
}

void BrokerSim::Receive(Player& player) {
  for (const ServerFrame& frame : player.client->sink.TakeFrames()) {
    model_.OnFrame(player.number, frame);
    if (!frame.has_connected()) continue;
    player.connected = true;
    CheckSingleView(player);
  }
}

// Only a client that asked for it is closed; somebody else comes.
void BrokerSim::LetGo(std::unique_ptr<Player>& player) {
  const auto& closed = player->client->sink.closed();
  if (!closed || closed->code != broker::CloseCode::kSlowConsumer) Fail("closed for no reason");
  model_.End(player->number);
  player = Join("");
}

void BrokerSim::CheckMemory(const Player& player) {
  const broker::Session& session = player.client->session();
  if (session.outbox().backlog_bytes() > settings().limits.backlog_bytes_max) {
    Fail("backlog over the client's limit");
  }
  session.subscriptions().ForEach([&](const broker::Subscription& one) {
    if (one.backlog && one.backlog->messages > player.messages_max.find(one.filter())->second) {
      Fail("backlog over the subscription's limit");
    }
  });
}

// Nothing waits while the socket takes it: what was unsent has got on in this turn.
void BrokerSim::CheckFlushed(Player& player) {
  const FakeSink& sink = player.client->sink;
  const uint64_t sent = sink.sent_bytes_total();
  const bool waits = sink.unsent_bytes() > 0 && !sink.refused();
  if (waits && player.waited && sent == player.sent_bytes) {
    Fail("unsent, and the socket was writable");
  }
  player.waited = waits;
  player.sent_bytes = sent;
}

// Who is connected under an id is alone with it.
void BrokerSim::CheckSingleView(const Player& player) {
  for (const auto* some : {&players_, &left_}) {
    for (const auto& other : *some) {
      if (!other || other.get() == &player || other->client_id != player.client_id) continue;
      if (!other->client->gone() && other->client->session().connected()) Fail("two of one id");
    }
  }
}

// What a Published promises; several loops offer when they get to it. Of messages that arrive
// together, some may be offered already that the model has not been told of.
void BrokerSim::CheckInEveryOutbox(uint32_t loop) {
  if (cluster().size() > 1) return;
  for (const auto& player : players_) {
    if (!player || player->loop != loop || player->client->gone()) continue;
    if (player->client->session().ended() || !player->countable) continue;
    const broker::Outbox& outbox = player->client->session().outbox();
    const uint64_t offered = outbox.delivered_messages_total() + outbox.dropped_messages_total() +
                             outbox.backlog_messages();
    if (offered < model_.offered(player->number)) Fail("Published too early");
  }
}

// --- the end ------------------------------------------------------------------------------------

void BrokerSim::Settle() {
  constexpr int kQuietTurns = 20;
  int quiet_turns = 0;
  for (int turn = 0; turn < 1000 && quiet_turns < kQuietTurns; ++turn) {
    ReadAll(players_);
    bool waits = false;
    for (const auto& player : players_) {
      waits |= player->client->sink.unsent_bytes() > 0 || player->client->waiting_frames() > 0 ||
               (!player->client->gone() && player->client->session().outbox().behind());
    }
    EndTurns();
    quiet_turns = waits ? 0 : quiet_turns + 1;
  }
  CheckAtRest();
}

void BrokerSim::CheckAtRest() {
  if (!left_.empty()) Fail("taken over, and still there");
  for (const auto& player : players_) {
    if (!player->connected) Fail("never connected");
    CheckPublishesTaken(*player);
    model_.CheckSettled(player->number);
  }
  if (cluster().totals.clients != players_.size()) Fail("wrong number of clients");
  if (cluster().totals.backlog_memory_bytes != 0) Fail("a backlog that nobody empties");
}

}  // namespace esockets::tests
