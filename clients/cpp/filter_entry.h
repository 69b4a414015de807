// The program's subscriptions to one filter, and how far each has come in the filter's stream.
#ifndef CLIENTS_CPP_FILTER_ENTRY_H_
#define CLIENTS_CPP_FILTER_ENTRY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "clients/cpp/message.h"
#include "clients/cpp/options.h"
#include "clients/cpp/start.h"
#include "clients/cpp/stream_start.h"

namespace esockets::client {

// One subscription of the program's. Thread: the loop.
class Subscriber {
 public:
  virtual ~Subscriber() = default;
  virtual void OnMessage(const MessageView& message) = 0;
  // Nothing will come any more.
  virtual void OnEnd(const absl::Status& reason) = 0;
};

struct Subscribed {
  uint64_t id;
  std::shared_ptr<Subscriber> subscriber;
  // Of the filter's stream: the last message that was handed to it, or where it has begun.
  uint64_t position = 0;
  // What it does not take again. Behind `position` while another subscription of the client brings
  // older messages of the same topics.
  uint64_t passed = 0;
  // Until the broker says where it begins, what comes is meant for others.
  bool begun = true;
};

// The broker knows them as one, with the newest options. Thread: the loop.
class FilterEntry {
 public:
  void Add(const SubscribeOptions& options, Subscribed subscribed);

  // Gives the message to those that it is for; returns their number.
  size_t Hand(const MessageView& message);

  // --- what the broker says: where `told`, with the stream that all of the filter is in

  // To the Subscribe of one of them.
  void Begin(uint64_t subscriber_id, const std::optional<StreamStart>& told);
  // To one for all of them, on a new connection.
  void BeginAgain(const std::optional<StreamStart>& told);

  // --- what is asked

  // A new connection. `rides`: another filter brings what this one has missed.
  void Ask(bool rides);
  // Another filter begins with older messages, of which this one matches some.
  void Share();
  // Behind the last message that all of them have.
  uint64_t position() const;

  // --- state
  const std::optional<StreamStart>& stream() const { return stream_; }
  // Does it hear each message when it is published, and never read older ones for itself?
  bool is_live() const { return is_live_; }
  // A message may take the place of an older one, behind others: no position tells what has come.
  bool conflates() const { return stream_ && stream_->overflow == Overflow::kConflate; }

  SubscribeOptions options;
  std::vector<Subscribed> subscribers;

 private:
  bool Takes(const Subscribed& subscribed, uint64_t position) const;
  uint64_t Furthest() const;

  std::optional<StreamStart> stream_;  // nothing: it is in none, or that is not known yet
  bool is_live_ = false;
  bool shared_ = false;
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_FILTER_ENTRY_H_
