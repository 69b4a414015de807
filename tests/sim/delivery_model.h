// What the broker promises its subscribers, written again from DESIGN section 5 alone: it is told
// the commands in their order and sees what arrives, and knows nothing else.
#ifndef TESTS_SIM_DELIVERY_MODEL_H_
#define TESTS_SIM_DELIVERY_MODEL_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/esockets.pb.h"

namespace esockets::tests {

class DeliveryModel {
 public:
  // --- commands, as the broker takes them; `client`: a number that is not used again

  void Connect(int client) { clients_[client].live = true; }
  void Subscribe(int client, uint64_t id, std::string_view filter, bool disconnects);
  void Unsubscribe(int client, uint64_t id, std::string_view filter);
  // The payload of the next message begins with this number and a colon.
  uint64_t next_message() const { return lanes_.size(); }
  void Publish(int publisher, std::string_view topic);
  // The client has gone, or was closed: it is promised no more.
  void End(int client);

  // --- what came of it

  void OnFrame(int client, const ServerFrame& frame);
  // Nothing is on its way to the client any more: offered = delivered + reported.
  void CheckSettled(int client);

  // Messages that the client was to be offered so far.
  uint64_t offered(int client) const { return clients_.at(client).offered; }
  // Has it never unsubscribed, and no subscription that would rather disconnect?
  bool countable(int client) const { return clients_.at(client).countable; }

  // The first promise that was broken. Empty: none.
  const std::string& error() const { return error_; }

 private:
  // From a Subscribe to its Unsubscribe.
  struct Stream {
    std::string filter;
    bool disconnects = false;
    bool ended = false;
    // Another filter of equal contract matched the same message: which of the two tells of its loss
    // is not promised.
    bool shared = false;
    std::map<std::string, bool, std::less<>> matches;  // by topic
    std::deque<uint64_t> waiting;  // offered, and neither delivered nor known to be lost
    uint64_t lost = 0;             // of those in front of a delivered one
    uint64_t reported = 0;         // in Gaps
  };
  struct Client {
    bool live = false;
    bool countable = true;
    bool shared_ended = false;
    uint64_t offered = 0;
    std::deque<Stream> streams;
    std::map<std::string, Stream*> active;   // as the broker sees it
    std::map<std::string, Stream*> told;     // as the client sees it
    std::map<uint64_t, Stream*> requests;    // by id
    std::map<uint64_t, Stream*> expected;    // by message
    std::map<std::string, uint64_t> newest;  // delivered, by publisher and topic
  };

  static bool Matches(Stream& stream, std::string_view topic);
  void Offer(Client& client, uint64_t message, std::string_view topic);
  void OnMessage(Client& client, const Message& message);
  void OnUnsubscribed(Client& client, uint64_t id);
  void Fail(std::string_view what, std::string_view detail);

  std::map<int, Client> clients_;
  std::vector<std::string> lanes_;  // publisher and topic of each message
  std::string error_;
};

}  // namespace esockets::tests

#endif  // TESTS_SIM_DELIVERY_MODEL_H_
