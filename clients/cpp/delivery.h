// What became of a message.
#ifndef CLIENTS_CPP_DELIVERY_H_
#define CLIENTS_CPP_DELIVERY_H_

#include <cstdint>
#include <optional>

namespace esockets::client {

// Where a message is in its stream.
struct Stored {
  uint64_t epoch = 0;
  uint64_t position = 0;
  // It was there already: its message_id is known.
  bool repeated = false;
};

// Clients: each that matched is counted in one of the others.
struct Delivery {
  uint64_t matched = 0;
  // The kernel of the broker's machine has taken all of it for these. Whether they read it, only
  // they can say.
  uint64_t written = 0;
  // It still waits for these.
  uint64_t queued = 0;
  // A newer one of its topic and key took its place.
  uint64_t conflated = 0;
  // Lost to the contract of their subscription, or its ttl was over.
  uint64_t dropped = 0;
  // They unsubscribed, or their connection ended, before it was written.
  uint64_t gone = 0;
  // Nothing: no stream keeps its topic.
  std::optional<Stored> stored{};
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_DELIVERY_H_
