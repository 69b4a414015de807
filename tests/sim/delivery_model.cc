#include "tests/sim/delivery_model.h"

#include <cstdlib>

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

void DeliveryModel::Publish(int publisher, std::string_view topic) {
  for (auto& [number, client] : clients_) {
    if (client.live) Offer(client, next_message(), topic);
  }
  lanes_.push_back(base::StrCat(publisher, " ", topic));
}

// The rules are slow, and the pairs are few.
bool DeliveryModel::Matches(Stream& stream, std::string_view topic) {
  auto known = stream.matches.find(topic);
  if (known == stream.matches.end()) {
    known = stream.matches.emplace(topic, NaiveFilterMatches(stream.filter, topic)).first;
  }
  return known->second;
}

// At most once, under the strictest contract.
void DeliveryModel::Offer(Client& client, uint64_t message, std::string_view topic) {
  std::vector<Stream*> strictest;
  for (const auto& [filter, stream] : client.active) {
    if (!Matches(*stream, topic)) continue;
    if (!strictest.empty() && stream->disconnects != strictest[0]->disconnects) {
      if (!stream->disconnects) continue;
      strictest.clear();
    }
    strictest.push_back(stream);
  }
  if (strictest.empty()) return;
  ++client.offered;
  client.expected[message] = strictest[0];
  strictest[0]->waiting.push_back(message);
  if (strictest.size() == 1) return;
  for (Stream* stream : strictest) stream->shared = true;
}

void DeliveryModel::End(int number) { clients_[number].live = false; }

void DeliveryModel::OnFrame(int number, const ServerFrame& frame) {
  Client& client = clients_[number];
  if (frame.has_message()) {
    OnMessage(client, frame.message());
  } else if (frame.has_subscribed()) {
    Stream* stream = client.requests[frame.subscribed().id()];
    if (stream == nullptr) return Fail("answer to nothing", frame.ShortDebugString());
    client.told[stream->filter] = stream;
  } else if (frame.has_unsubscribed()) {
    OnUnsubscribed(client, frame.unsubscribed().id());
  } else if (frame.has_gap()) {
    const auto told = client.told.find(frame.gap().filter());
    if (told == client.told.end()) return Fail("gap of nothing", frame.ShortDebugString());
    told->second->reported += frame.gap().messages();
  }
}

void DeliveryModel::OnMessage(Client& client, const Message& arrived) {
  const uint64_t message = std::strtoull(arrived.payload().c_str(), nullptr, 10);
  const auto expected = client.expected.find(message);
  if (expected == client.expected.end()) {
    return Fail("twice, or not asked for, or after its Gap", arrived.ShortDebugString());
  }
  Stream& stream = *expected->second;
  client.expected.erase(expected);
  uint64_t& newest = client.newest[lanes_[message]];
  if (newest > message) Fail("out of order", arrived.ShortDebugString());
  newest = message;
  if (stream.shared) {
    std::erase(stream.waiting, message);
    return;
  }
  for (; stream.waiting.front() < message; stream.waiting.pop_front()) {
    client.expected.erase(stream.waiting.front());
    ++stream.lost;
  }
  stream.waiting.pop_front();
  if (stream.lost == stream.reported) return;
  Fail("hole without its Gap in front",
       base::StrCat(stream.filter, ", message ", message, ": lost ", stream.lost, ", reported ",
                    stream.reported));
}

// What still waited is nobody's concern any more, but may not come either.
void DeliveryModel::OnUnsubscribed(Client& client, uint64_t id) {
  Stream* stream = client.requests[id];
  if (stream == nullptr) return Fail("answer to nothing", base::StrCat("unsubscribed ", id));
  client.told.erase(stream->filter);
  stream->ended = true;
  if (stream->shared) {
    client.shared_ended = true;
    return;
  }
  for (const uint64_t message : stream->waiting) client.expected.erase(message);
  stream->waiting.clear();
}

void DeliveryModel::CheckSettled(int number) {
  const Client& client = clients_[number];
  if (!client.live) return;
  uint64_t shared_missing = 0;
  uint64_t shared_reported = 0;
  for (const Stream& stream : client.streams) {
    if (stream.ended) continue;
    const uint64_t missing = stream.lost + stream.waiting.size();
    if (stream.shared) {
      shared_missing += missing;
      shared_reported += stream.reported;
    } else if (missing != stream.reported) {
      Fail("missing and not reported",
           base::StrCat(stream.filter, ": ", missing, " missing, ", stream.reported, " reported"));
    }
  }
  if (client.shared_ended || shared_missing == shared_reported) return;
  Fail("missing and not reported", base::StrCat("of overlapping filters: ", shared_missing,
                                                " missing, ", shared_reported, " reported"));
}

}  // namespace esockets::tests
