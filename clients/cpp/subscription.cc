#include "clients/cpp/subscription.h"

#include <utility>

#include "clients/cpp/loop_link.h"
#include "clients/cpp/receive_queue.h"

namespace esockets::client {

Subscription::Subscription(SubscriptionName name, Beginning beginning, SubscriptionEnd end)
    : name_(std::move(name)), beginning_(std::move(beginning)), end_(std::move(end)) {}

Subscription::~Subscription() = default;

void Subscription::Unsubscribe() {
  if (!ended_.exchange(true)) end_.loop->PostAndWait(end_.remove);
}

PullSubscription::PullSubscription(SubscriptionName name, Beginning beginning, SubscriptionEnd end,
                                   std::shared_ptr<ReceiveQueue> queue)
    : name_(std::move(name)),
      beginning_(std::move(beginning)),
      end_(std::move(end)),
      queue_(std::move(queue)) {}

// Nobody will receive any more: a queue left full would stop the whole client.
PullSubscription::~PullSubscription() {
  if (!ended_.exchange(true)) end_.loop->Post(end_.remove);
}

absl::StatusOr<Message> PullSubscription::Receive(base::Duration timeout) {
  return queue_->Pop(timeout);
}

size_t PullSubscription::size() const { return queue_->size(); }

void PullSubscription::Unsubscribe() {
  if (!ended_.exchange(true)) end_.loop->PostAndWait(end_.remove);
}

PresenceWatch::PresenceWatch(std::string topic, SubscriptionEnd end)
    : topic_(std::move(topic)), end_(std::move(end)) {}

PresenceWatch::~PresenceWatch() { Stop(); }

void PresenceWatch::Stop() {
  if (!ended_.exchange(true)) end_.loop->PostAndWait(end_.remove);
}

}  // namespace esockets::client
