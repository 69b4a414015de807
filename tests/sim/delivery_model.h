// What the broker promises its subscribers, written again from DESIGN section 5 alone: it is told
// the commands in their order and sees what arrives, and knows nothing else.
#ifndef TESTS_SIM_DELIVERY_MODEL_H_
#define TESTS_SIM_DELIVERY_MODEL_H_

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "proto/esockets.pb.h"
#include "tests/support/naive_topic.h"

namespace esockets::tests {

class DeliveryModel {
 public:
  // One loop promises more: all that a client is offered comes in one order.
  explicit DeliveryModel(bool one_loop) : one_loop_(one_loop) {}

  // --- commands, as the broker takes them; `client`: a number that is not used again

  void Connect(int client) { clients_[client].live = true; }

  void Subscribe(int number, uint64_t id, const std::string& filter, Overflow contract) {
    Client& client = clients_[number];
    Stream*& stream = client.active[filter];
    if (stream == nullptr) {
      stream = &client.streams.emplace_back(Stream{.filter = filter});
      MarkOverlaps(client);
    }
    stream->strictness = "01203"[contract];  // CONFLATE, DROP_OLDEST, DROP_NEWEST, DISCONNECT
    client.conflates |= stream->conflates |= contract == OVERFLOW_CONFLATE;
    stream->latest_must_come &= one_loop_ && contract == OVERFLOW_CONFLATE;
    client.requests[id] = stream;
  }

  void Unsubscribe(int number, uint64_t id, const std::string& filter) {
    clients_[number].requests[id] = clients_[number].active.extract(filter).mapped();
  }

  // `id`: never used again; the payload begins with it and a colon.
  void Publish(int publisher, const Publish& publish, uint64_t id) {
    const std::string& topic = publish.topic();
    numbers_[id] = messages_.size();
    messages_.push_back({topic, base::StrCat(publisher, " ", topic), topic + "=" + publish.key()});
    const bool is_new = topics_.insert(topic).second;
    for (auto& [number, client] : clients_) {
      if (is_new) MarkOverlaps(client);
      if (client.live) Offer(client, messages_.size() - 1);
    }
  }

  // The client has gone, or was closed: it is promised no more.
  void End(int client) { clients_[client].live = false; }

  // --- what came of it

  void OnFrame(int number, const ServerFrame& frame) {
    Client& client = clients_[number];
    if (frame.has_message()) return OnMessage(client, frame.message());
    if (frame.has_gap()) return OnGap(client, frame.gap());
    if (!frame.has_subscribed() && !frame.has_unsubscribed()) return;
    // Of the two, what is not there has the id 0.
    Stream* stream = client.requests[frame.subscribed().id() + frame.unsubscribed().id()];
    if (stream == nullptr) return Fail("answer to nothing: ", frame.ShortDebugString());
    const bool begins = frame.has_subscribed();
    if (begins && !std::exchange(stream->told, true)) stream->told_at = messages_.size();
    if (begins) return;
    // What still waited is nobody's concern any more, but may not come either.
    stream->ended = true;
    client.shared_ended |= stream->shared;
    if (stream->shared) return;
    std::erase_if(client.expected, [&](const auto& one) { return one.second == stream; });
  }

  // Nothing is on its way to the client any more: offered = delivered + reported.
  void CheckSettled(int number) {
    Client& client = clients_[number];
    if (!client.live) return;
    std::map<std::string, Missing> sums;  // by filter; those that overlap together
    for (const Stream& stream : client.streams) {
      if (stream.ended || (stream.shared && client.shared_ended)) continue;
      Missing& missing = sums[stream.shared ? "filters that overlap" : stream.filter];
      missing.must += stream.lost.must;
      missing.may += stream.lost.may;
      AddInFlight(client, stream, &missing);
      missing.reported += stream.lost.reported;
      for (const auto& [lane, waiting] : stream.waiting) {
        for (const auto& [message, is_must] : waiting) {
          missing.Count(is_must);
          // Of those that overlap, another may have lost it.
          const uint64_t latest = stream.shared ? ~0U : client.latest[messages_[message].slot];
          if (stream.latest_must_come && latest <= message) Fail("stale: ", stream.filter);
        }
      }
    }
    for (const auto& [of, missing] : sums) Check(missing, "missing and not reported: ", of);
  }

  // Messages that one loop was to offer the client so far.
  uint64_t offered(int client) const { return clients_.at(client).offered; }
  // The first promise that was broken. Empty: none.
  const std::string& error() const { return error_; }

 private:
  // lane: publisher and topic, in order. slot: topic and key, of which CONFLATE keeps the latest.
  struct PublishedMessage {
    std::string topic, lane, slot;
  };
  // Messages that did not come, or not yet. Those published before Subscribed may come or not.
  struct Missing {
    uint64_t must = 0, may = 0, reported = 0;  // in Gaps
    void Count(bool is_must) { ++(is_must ? must : may); }
  };
  // From a Subscribe to its Unsubscribe.
  struct Stream {
    std::string filter;
    char strictness = '0';
    // conflates: or did so once. told: Subscribed has arrived. shared: another filter matched the
    // same message, and either may tell of its loss. latest_must_come: of each slot, because it
    // conflated always, and nothing else was lost.
    bool conflates = false, told = false, ended = false, shared = false, latest_must_come = true;
    std::map<std::string, std::map<uint64_t, bool>> waiting;  // is it a must? by lane, message
    Missing lost;                                             // passed by a later message
    uint64_t told_at = ~0U;  // the next message when Subscribed arrived
  };
  struct Client {
    bool live = false, shared_ended = false, conflates = false;
    uint64_t offered = 0;
    std::deque<Stream> streams;
    std::map<std::string, Stream*> active;           // as the broker sees it
    std::map<uint64_t, Stream*> requests, expected;  // by id; by message
    std::set<uint64_t> seen;                         // messages
    std::map<std::string, uint64_t> newest, latest;  // delivered: by lane (or its slots); by slot
  };

  // From another loop a message comes when it comes: any two filters may meet it.
  void MarkOverlaps(Client& client) {
    for (const std::string& topic : one_loop_ ? std::set<std::string>() : topics_) {
      std::set<std::string> filters;
      for (const Stream& stream : client.streams) {
        if (matches_(stream.filter, topic)) filters.insert(stream.filter);
      }
      if (filters.size() < 2) continue;
      for (Stream& stream : client.streams) stream.shared |= filters.contains(stream.filter);
    }
  }

  // At most once, under the strictest contract.
  void Offer(Client& client, uint64_t message) {
    std::vector<Stream*> matching;
    bool all_told = true, any_told = false;
    for (const auto& [filter, stream] : client.active) {
      if (!matches_(filter, messages_[message].topic)) continue;
      all_told &= stream->told;
      any_told |= stream->told;
      if (all_told && !matching.empty() && stream->strictness != matching[0]->strictness) {
        if (stream->strictness < matching[0]->strictness) continue;
        matching.clear();
      }
      matching.push_back(stream);
    }
    if (matching.empty()) return;
    ++client.offered;
    client.expected[message] = matching[0];
    WaitingIn(*matching[0], message)[message] = any_told;
    for (Stream* stream : matching) stream->shared |= matching.size() > 1;
  }

  // Of what waits, the messages of which a later one tells that an earlier one is lost.
  std::map<uint64_t, bool>& WaitingIn(Stream& stream, uint64_t message) const {
    return stream.waiting[one_loop_ ? std::string() : messages_[message].lane];
  }

  void OnMessage(Client& client, const Message& arrived) {
    const uint64_t message = numbers_.at(std::stoull(arrived.payload()));
    const auto& [topic, lane, slot] = messages_[message];
    if (!client.seen.insert(message).second) Fail("twice: ", arrived.ShortDebugString());
    Stream* stream = TakeExpected(client, message);
    if (stream == nullptr) return Fail("not asked for, or after its Gap: ", arrived.topic());
    // Of filters that overlap, another may conflate.
    const bool by_slot = stream->conflates || (stream->shared && client.conflates);
    uint64_t& newest = client.newest[by_slot ? lane + slot : lane];
    if (std::exchange(newest, message) > message) Fail("out of order: ", arrived.payload());
    if (client.latest[slot] < message) client.latest[slot] = message;
    auto& waiting = WaitingIn(*stream, message);
    waiting.erase(message);
    if (stream->shared || stream->conflates) return;
    // What was to come before it does not come any more.
    for (; !waiting.empty() && waiting.begin()->first < message; waiting.erase(waiting.begin())) {
      stream->lost.Count(waiting.begin()->second);
      client.expected.erase(waiting.begin()->first);
    }
    // With several loops a Gap may be early, never late.
    Missing told = stream->lost;
    if (!one_loop_) told.may = told.reported;
    Check(told, "hole without its Gap in front: ", stream->filter);
  }

  // The subscription that the message is for: null, if for none.
  Stream* TakeExpected(Client& client, uint64_t message) {
    if (const auto expected = client.expected.extract(message)) return expected.mapped();
    for (Stream& stream : client.streams) {  // it was on its way when the client subscribed
      const bool early = message < stream.told_at && !stream.ended;
      if (early && matches_(stream.filter, messages_[message].topic)) return &stream;
    }
    return nullptr;
  }

  void OnGap(Client& client, const Gap& gap) {
    for (Stream& stream : client.streams) {
      if (stream.filter != gap.filter() || stream.ended) continue;
      stream.lost.reported += gap.messages();
      stream.latest_must_come &= gap.conflated() == gap.messages();
      return;
    }
    Fail("gap of nothing: ", gap.ShortDebugString());
  }

  // Messages of other loops that may have been on their way when the client subscribed.
  void AddInFlight(const Client& client, const Stream& stream, Missing* missing) {
    for (uint64_t message = 0; !one_loop_ && message < messages_.size(); ++message) {
      if (client.seen.contains(message) || client.expected.contains(message)) continue;
      missing->may += message < stream.told_at && matches_(stream.filter, messages_[message].topic);
    }
  }

  void Check(const Missing& missing, std::string_view what, std::string_view of) {
    const auto& [must, may, reported] = missing;
    if (reported >= must && reported <= must + may) return;
    Fail(what, base::StrCat(of, ": ", must, " to ", must + may, ", reported ", reported));
  }

  void Fail(std::string_view what, std::string_view detail) {
    if (error_.empty()) error_ = base::StrCat(what, detail);
  }

  const bool one_loop_;
  std::map<int, Client> clients_;
  std::deque<PublishedMessage> messages_;
  std::set<std::string> topics_;          // of messages
  std::map<uint64_t, uint64_t> numbers_;  // of messages, by id
  NaiveMatcher matches_;
  std::string error_;
};

}  // namespace esockets::tests

#endif  // TESTS_SIM_DELIVERY_MODEL_H_
