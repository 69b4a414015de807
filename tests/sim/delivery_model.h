// What the broker promises its subscribers, written again from DESIGN section 5 alone: it is told
// the commands in their order and sees what arrives, and knows nothing else.
#ifndef TESTS_SIM_DELIVERY_MODEL_H_
#define TESTS_SIM_DELIVERY_MODEL_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "proto/esockets.pb.h"

namespace esockets::tests {

class DeliveryModel {
 public:
  // One loop promises more: all that a client is offered comes in one order.
  explicit DeliveryModel(bool one_loop) : one_loop_(one_loop) {}

  // --- commands, as the broker takes them; `client`: a number that is not used again

  void Connect(int client) { clients_[client].live = true; }
  void Subscribe(int client, uint64_t id, std::string_view filter, bool disconnects);
  void Unsubscribe(int client, uint64_t id, std::string_view filter);
  // `id`: never used again; the payload begins with it and a colon.
  void Publish(int publisher, std::string_view topic, uint64_t id);
  // The client has gone, or was closed: it is promised no more.
  void End(int client) { clients_[client].live = false; }

  // --- what came of it

  void OnFrame(int client, const ServerFrame& frame);
  // Nothing is on its way to the client any more: offered = delivered + reported.
  void CheckSettled(int client);

  // Messages that one loop was to offer the client so far.
  uint64_t offered(int client) const { return clients_.at(client).offered; }
  // Has it never unsubscribed, and no subscription that would rather disconnect?
  bool countable(int client) const { return clients_.at(client).countable; }

  uint64_t messages() const { return messages_.size(); }

  // The first promise that was broken. Empty: none.
  const std::string& error() const { return error_; }

 private:
  struct PublishedMessage {
    std::string topic;
    std::string lane;  // publisher and topic: in order among themselves
  };
  // Messages that did not come, or not yet. Those published before Subscribed may come or not.
  struct Missing {
    uint64_t must = 0;
    uint64_t may = 0;
    void Count(bool is_must) { ++(is_must ? must : may); }
    bool Explains(uint64_t reported) const { return reported >= must && reported <= must + may; }
  };
  // From a Subscribe to its Unsubscribe.
  struct Stream {
    std::string filter;
    bool disconnects = false;
    bool told = false;  // Subscribed has arrived
    bool ended = false;
    // Another filter matched the same message: which of the two tells of its loss is not promised.
    bool shared = false;
    std::map<std::string, std::map<uint64_t, bool>> waiting;  // is it a must? by lane, message
    Missing lost;                                             // passed by a later message
    uint64_t reported = 0;                                    // in Gaps
    uint64_t told_at = ~0U;  // the next message when Subscribed arrived
  };
  struct Client {
    bool live = false;
    bool countable = true;
    bool shared_ended = false;
    uint64_t offered = 0;
    std::deque<Stream> streams;
    std::map<std::string, Stream*> active;   // as the broker sees it
    std::map<uint64_t, Stream*> requests;    // by id
    std::map<uint64_t, Stream*> expected;    // by message
    std::set<uint64_t> seen;                 // messages
    std::map<std::string, uint64_t> newest;  // delivered, by lane
  };

  bool Matches(const Stream& stream, const std::string& topic);
  void MarkOverlaps(Client& client);
  std::string_view HoleLane(uint64_t message) const;
  void Offer(Client& client, uint64_t message);
  void OnMessage(Client& client, const Message& message);
  Stream* FindUncertain(Client& client, uint64_t message);
  uint64_t InFlight(const Client& client, const Stream& stream);
  void PassBy(Client& client, Stream& stream, uint64_t message);
  void OnUnsubscribed(Client& client, Stream* stream);
  void Fail(std::string_view what, std::string_view detail);

  const bool one_loop_;
  std::map<int, Client> clients_;
  std::deque<PublishedMessage> messages_;
  std::set<std::string> topics_;          // of messages
  std::map<uint64_t, uint64_t> numbers_;  // of messages, by id
  std::map<std::pair<std::string, std::string>, bool> matches_;
  std::string error_;
};

}  // namespace esockets::tests

#endif  // TESTS_SIM_DELIVERY_MODEL_H_
