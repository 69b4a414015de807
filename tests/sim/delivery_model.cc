#include "tests/sim/delivery_model.h"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "tests/support/naive_topic.h"

namespace esockets::tests {

void DeliveryModel::Fail(std::string_view what, std::string_view detail) {
  if (error_.empty()) error_ = base::StrCat(what, ": ", detail);
}

void DeliveryModel::Subscribe(int number, uint64_t id, std::string_view filter, bool disconnects) {
  Client& client = clients_[number];
  Stream*& stream = client.active[std::string(filter)];
  if (stream == nullptr) {
    stream = &client.streams.emplace_back();
    stream->filter = filter;
    MarkOverlaps(client);
  }
  stream->disconnects = disconnects;
  if (disconnects) client.countable = false;
  client.requests[id] = stream;
}

void DeliveryModel::Unsubscribe(int number, uint64_t id, std::string_view filter) {
  Client& client = clients_[number];
  client.countable = false;
  client.requests[id] = client.active.at(std::string(filter));
  client.active.erase(std::string(filter));
}

void DeliveryModel::Publish(int publisher, std::string_view topic, uint64_t id) {
  numbers_[id] = messages_.size();
  messages_.push_back({std::string(topic), base::StrCat(publisher, " ", topic)});
  const bool is_new = topics_.insert(std::string(topic)).second;
  for (auto& [number, client] : clients_) {
    if (is_new) MarkOverlaps(client);
    if (client.live) Offer(client, messages_.size() - 1);
  }
}

// The rules are slow, and the pairs are few.
bool DeliveryModel::Matches(const Stream& stream, const std::string& topic) {
  const auto [known, is_new] = matches_.try_emplace({stream.filter, topic}, false);
  if (is_new) known->second = NaiveFilterMatches(stream.filter, topic);
  return known->second;
}

// From another loop a message comes when it comes: any two filters may meet it.
void DeliveryModel::MarkOverlaps(Client& client) {
  if (one_loop_) return;
  for (const std::string& topic : topics_) {
    std::set<std::string> filters;
    for (const Stream& stream : client.streams) {
      if (Matches(stream, topic)) filters.insert(stream.filter);
    }
    if (filters.size() < 2) continue;
    for (Stream& stream : client.streams) stream.shared |= filters.contains(stream.filter);
  }
}

// Within which of a client's messages a later one tells that an earlier one is lost.
std::string_view DeliveryModel::HoleLane(uint64_t message) const {
  return one_loop_ ? std::string_view() : messages_[message].lane;
}

// At most once, under the strictest contract.
void DeliveryModel::Offer(Client& client, uint64_t message) {
  std::vector<Stream*> matching;
  bool all_told = true;
  bool any_told = false;
  for (const auto& [filter, stream] : client.active) {
    if (!Matches(*stream, messages_[message].topic)) continue;
    all_told &= stream->told;
    any_told |= stream->told;
    if (all_told && !matching.empty() && stream->disconnects != matching[0]->disconnects) {
      if (!stream->disconnects) continue;
      matching.clear();
    }
    matching.push_back(stream);
  }
  if (matching.empty()) return;
  ++client.offered;
  client.expected[message] = matching[0];
  matching[0]->waiting[std::string(HoleLane(message))][message] = any_told;
  if (matching.size() == 1) return;
  for (Stream* stream : matching) stream->shared = true;
}

void DeliveryModel::OnFrame(int number, const ServerFrame& frame) {
  Client& client = clients_[number];
  if (frame.has_message()) return OnMessage(client, frame.message());
  if (frame.has_gap()) {
    const auto stream = std::find_if(
        client.streams.begin(), client.streams.end(),
        [&](const Stream& one) { return one.filter == frame.gap().filter() && !one.ended; });
    if (stream == client.streams.end()) return Fail("gap of nothing", frame.ShortDebugString());
    stream->reported += frame.gap().messages();
  }
  if (!frame.has_subscribed() && !frame.has_unsubscribed()) return;
  const uint64_t id = frame.has_subscribed() ? frame.subscribed().id() : frame.unsubscribed().id();
  Stream* stream = client.requests[id];
  if (stream == nullptr) return Fail("answer to nothing", frame.ShortDebugString());
  if (frame.has_unsubscribed()) return OnUnsubscribed(client, stream);
  if (!std::exchange(stream->told, true)) stream->told_at = messages_.size();
}

void DeliveryModel::OnMessage(Client& client, const Message& arrived) {
  const uint64_t id = std::strtoull(arrived.payload().c_str(), nullptr, 10);
  const uint64_t message = numbers_.at(id);
  if (!client.seen.insert(message).second) return Fail("twice", arrived.ShortDebugString());
  uint64_t& newest = client.newest[messages_[message].lane];
  if (newest > message) Fail("out of order", arrived.ShortDebugString());
  newest = message;
  const auto expected = client.expected.find(message);
  Stream* stream =
      expected != client.expected.end() ? expected->second : FindUncertain(client, message);
  if (stream == nullptr) return Fail("not asked for, or after its Gap", arrived.ShortDebugString());
  if (expected != client.expected.end()) client.expected.erase(expected);
  stream->waiting[std::string(HoleLane(message))].erase(message);
  if (stream->shared) return;
  PassBy(client, *stream, message);
  if (stream->reported >= stream->lost.must &&
      (!one_loop_ || stream->lost.Explains(stream->reported))) {
    return;
  }
  Fail("hole without its Gap in front",
       base::StrCat(stream->filter, ", message ", message, ": lost ", stream->lost.must,
                    ", reported ", stream->reported));
}

// A message that was on its way when the client subscribed.
DeliveryModel::Stream* DeliveryModel::FindUncertain(Client& client, uint64_t message) {
  for (Stream& stream : client.streams) {
    const bool early = message < stream.told_at && !stream.ended;
    if (early && Matches(stream, messages_[message].topic)) return &stream;
  }
  return nullptr;
}

// What was to come before it does not come any more.
void DeliveryModel::PassBy(Client& client, Stream& stream, uint64_t message) {
  auto& lane = stream.waiting[std::string(HoleLane(message))];
  while (!lane.empty() && lane.begin()->first < message) {
    stream.lost.Count(lane.begin()->second);
    client.expected.erase(lane.begin()->first);
    lane.erase(lane.begin());
  }
}

// What still waited is nobody's concern any more, but may not come either.
void DeliveryModel::OnUnsubscribed(Client& client, Stream* stream) {
  stream->ended = true;
  if (stream->shared) {
    client.shared_ended = true;
    return;
  }
  std::erase_if(client.expected, [&](const auto& one) { return one.second == stream; });
}

// Those of other loops that may have been on their way when the client subscribed.
uint64_t DeliveryModel::InFlight(const Client& client, const Stream& stream) {
  if (one_loop_) return 0;
  uint64_t count = 0;
  for (uint64_t message = 0; message < std::min(stream.told_at, messages()); ++message) {
    const bool known = client.seen.contains(message) || client.expected.contains(message);
    if (!known && Matches(stream, messages_[message].topic)) ++count;
  }
  return count;
}

void DeliveryModel::CheckSettled(int number) {
  const Client& client = clients_[number];
  if (!client.live) return;
  Missing shared;
  uint64_t shared_reported = 0;
  for (const Stream& stream : client.streams) {
    if (stream.ended) continue;
    Missing own = stream.lost;
    own.may += InFlight(client, stream);
    Missing& missing = stream.shared ? shared : own;
    if (stream.shared) shared.must += own.must, shared.may += own.may;
    for (const auto& [lane, waiting] : stream.waiting) {
      for (const auto& [message, is_must] : waiting) missing.Count(is_must);
    }
    if (stream.shared) shared_reported += stream.reported;
    if (stream.shared || own.Explains(stream.reported)) continue;
    Fail("missing and not reported", base::StrCat(number, " ", stream.filter, ": ", own.must,
                                                  " missing, ", stream.reported, " reported"));
  }
  if (client.shared_ended || shared.Explains(shared_reported)) return;
  Fail("missing and not reported", base::StrCat("of overlapping filters: ", shared.must,
                                                " missing, ", shared_reported, " reported"));
}

}  // namespace esockets::tests
