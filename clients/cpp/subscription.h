// A program's hold on its subscriptions.
#ifndef CLIENTS_CPP_SUBSCRIPTION_H_
#define CLIENTS_CPP_SUBSCRIPTION_H_

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "clients/cpp/message.h"
#include "clients/cpp/stream_start.h"
#include "clients/cpp/subscription_name.h"

namespace esockets::client {

class LoopLink;
class ReceiveQueue;

// What a handle needs to end its subscription: `remove` runs on the loop that `loop` leads to.
struct SubscriptionEnd {
  std::shared_ptr<LoopLink> loop;
  std::function<void()> remove;
};

// A subscription with a callback. It lives until Unsubscribe or the end of the client, across
// reconnects, whether somebody holds it or not. Thread: any.
class Subscription {
 public:
  Subscription(SubscriptionName name, Beginning beginning, SubscriptionEnd end);
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;
  ~Subscription();

  const std::string& filter() const { return name_.filter; }
  // Empty: none.
  const std::string& group() const { return name_.group; }
  // Where it began in its stream; nothing: its filter is within none.
  const std::optional<StreamStart>& stream() const { return beginning_.stream; }
  // Whether last values came first: ClientEvents::on_snapshot_end tells when all have come.
  bool last_values() const { return beginning_.last_values; }

  // When it returns, the callback is not running and will not be run again; but called within a
  // callback it returns at once. The broker is told without waiting for its answer: what of a group
  // is on its way here by then is lost.
  void Unsubscribe();

 private:
  const SubscriptionName name_;
  const Beginning beginning_;
  const SubscriptionEnd end_;
  std::atomic<bool> ended_{false};
};

// A subscription that the program reads from. It ends with this object. Thread: any; several may
// receive, each message goes to one of them.
class PullSubscription {
 public:
  PullSubscription(SubscriptionName name, Beginning beginning, SubscriptionEnd end,
                   std::shared_ptr<ReceiveQueue> queue);
  PullSubscription(const PullSubscription&) = delete;
  PullSubscription& operator=(const PullSubscription&) = delete;
  ~PullSubscription();

  const std::string& filter() const { return name_.filter; }
  // Empty: none.
  const std::string& group() const { return name_.group; }
  // Where it began in its stream; nothing: its filter is within none.
  const std::optional<StreamStart>& stream() const { return beginning_.stream; }
  // Whether last values came first: ClientEvents::on_snapshot_end tells when all have come.
  bool last_values() const { return beginning_.last_values; }

  // The oldest message. Errors: kDeadlineExceeded when none came in time; when none is left and
  // none will come: kCancelled after Unsubscribe, otherwise the reason for which the client ended.
  // REQUIRES: not within a callback, unless `timeout` is zero.
  absl::StatusOr<Message> Receive(base::Duration timeout);

  // Messages waiting here.
  size_t size() const;

  // What is waiting can still be received.
  void Unsubscribe();

 private:
  const SubscriptionName name_;
  const Beginning beginning_;
  const SubscriptionEnd end_;
  std::atomic<bool> ended_{false};
  const std::shared_ptr<ReceiveQueue> queue_;
};

// Hears who is on a topic, across reconnects, until Stop or the end of this object. Thread: any.
class PresenceWatch {
 public:
  PresenceWatch(std::string topic, SubscriptionEnd end);
  PresenceWatch(const PresenceWatch&) = delete;
  PresenceWatch& operator=(const PresenceWatch&) = delete;
  ~PresenceWatch();

  const std::string& topic() const { return topic_; }

  // As Subscription::Unsubscribe.
  void Stop();

 private:
  const std::string topic_;
  const SubscriptionEnd end_;
  std::atomic<bool> ended_{false};
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_SUBSCRIPTION_H_
