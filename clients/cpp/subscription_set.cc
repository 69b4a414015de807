#include "clients/cpp/subscription_set.h"

#include <memory>
#include <utility>

#include "clients/cpp/frames.h"
#include "clients/cpp/resumption.h"

namespace esockets::client {

void SubscriptionSet::Add(std::string_view filter, const SubscribeOptions& options,
                          Subscribed subscribed, Done done) {
  const SubscriptionName name{std::string(filter), options.group};
  if (IsTaken(name)) {
    const absl::Status taken = absl::AlreadyExistsError(
        "this client is in the group already, with a filter that has topics in common");
    subscribed.subscriber->OnEnd(taken);
    return done(taken);
  }
  const uint64_t subscriber_id = subscribed.id;
  dispatcher_.Add(filter, options, std::move(subscribed));
  waiting_[subscriber_id] = std::move(done);
  if (!up_) return;
  if (!options.start.is_now()) ShareAround(name);
  const auto write = [&](uint64_t id, std::string* frames) {
    AppendSubscribe(filter, options, id, frames);
  };
  const absl::StatusOr<uint64_t> id = outgoing_.AddForConnection(write);
  if (id.ok()) asked_.emplace(*id, Asked{name, subscriber_id});
}

bool SubscriptionSet::IsTaken(const SubscriptionName& name) {
  if (name.group.empty()) return false;
  return dispatcher_.Find(name) != nullptr || !dispatcher_.Overlapping(name).empty();
}

void SubscriptionSet::Remove(const SubscriptionName& name, uint64_t subscriber_id) {
  bool last = false;
  const std::shared_ptr<Subscriber> removed = dispatcher_.Remove(name, subscriber_id, &last);
  waiting_.erase(subscriber_id);
  if (removed == nullptr) return;
  removed->OnEnd(absl::CancelledError("unsubscribed"));
  if (!last || !up_) return;
  const auto write = [&](uint64_t id, std::string* frames) { AppendUnsubscribe(name, id, frames); };
  outgoing_.AddForConnection(write).IgnoreError();  // a client that closes takes its filters along
}

// It brings older messages.
void SubscriptionSet::ShareAround(const SubscriptionName& name) {
  for (FilterEntry* entry : dispatcher_.Overlapping(name)) entry->Share();
}

void SubscriptionSet::OnUp(std::string* frames) {
  up_ = true;
  uint64_t id = 0;
  for (Resumption& again : PlanResumptions(dispatcher_)) {
    FilterEntry& entry = *dispatcher_.Find(again.name);
    entry.Ask(again.rides);
    SubscribeOptions options = entry.options;
    options.start = again.start;
    AppendSubscribe(again.name.filter, options, ++id, frames);
    asked_.emplace(id, Asked{.name = std::move(again.name),
                             .subscriber_id = 0,
                             .rides = again.rides,
                             .riders = std::move(again.riders)});
  }
  for (const auto& [request, asked] : asked_) {
    if (dispatcher_.Find(asked.name)->conflates()) ShareAround(asked.name);
  }
  unanswered_ = id;
}

void SubscriptionSet::OnDown() {
  up_ = false;
  unanswered_ = 0;
  asked_.clear();
  // On the next one all filters are asked for as they are then.
  outgoing_.Withdraw();
}

absl::flat_hash_map<uint64_t, SubscriptionSet::Asked>::node_type SubscriptionSet::TakeAsked(
    uint64_t id) {
  auto node = asked_.extract(id);
  if (!node.empty() && id <= kBufferedIdsAfter) --unanswered_;
  return node;
}

bool SubscriptionSet::OnSubscribed(uint64_t id, Beginning told, const OnResumed& on_resumed) {
  const auto node = TakeAsked(id);
  if (node.empty()) return false;
  const Asked& asked = node.mapped();
  // What another member did not get comes late: by its position it would be left out.
  if (!asked.name.group.empty()) told.stream.reset();
  if (asked.subscriber_id == 0) {
    if (!asked.rides) Resume(asked.name, told, on_resumed);
    for (const SubscriptionName& rider : asked.riders) Resume(rider, told, on_resumed);
  } else if (FilterEntry* entry = dispatcher_.Find(asked.name)) {
    entry->Begin(asked.subscriber_id, told.stream);
    Finish(asked.subscriber_id, Beginning{entry->stream(), told.last_values});
  }
  return true;
}

void SubscriptionSet::Resume(const SubscriptionName& name, const Beginning& told,
                             const OnResumed& on_resumed) {
  FilterEntry* entry = dispatcher_.Find(name);
  if (entry == nullptr) return;
  const std::optional<StreamStart> before = entry->stream();
  entry->BeginAgain(told.stream);
  std::optional<StreamStart> begin = told.stream;
  if (begin) {
    begin->filter = name.filter;
    begin->position = entry->position();
    begin->recovered &= !before || before->epoch == begin->epoch;
  }
  if (begin && before && on_resumed) on_resumed(*begin);
  for (const Subscribed& subscribed : entry->subscribers) {
    Finish(subscribed.id, Beginning{begin, told.last_values});
  }
}

bool SubscriptionSet::OnRefused(uint64_t id, const absl::Status& error, const OnError& on_error) {
  const auto node = TakeAsked(id);
  if (node.empty()) return false;
  const Asked& asked = node.mapped();
  FilterEntry refused;
  if (asked.subscriber_id == 0) {
    refused = dispatcher_.RemoveAll(asked.name);
  } else {
    bool last = false;
    auto subscriber = dispatcher_.Remove(asked.name, asked.subscriber_id, &last);
    if (subscriber) refused.subscribers.push_back({asked.subscriber_id, std::move(subscriber)});
  }
  // Nothing reads for these any more: they hear what is published.
  for (const SubscriptionName& rider : asked.riders) Resume(rider, {}, nullptr);
  bool anybody_waited = false;
  for (const Subscribed& subscribed : refused.subscribers) {
    subscribed.subscriber->OnEnd(error);
    anybody_waited |= Finish(subscribed.id, error);
  }
  if (!anybody_waited && on_error) on_error(error);
  return true;
}

bool SubscriptionSet::Finish(uint64_t subscriber_id, const absl::StatusOr<Beginning>& outcome) {
  const auto node = waiting_.extract(subscriber_id);
  if (node.empty()) return false;
  node.mapped()(outcome);
  return true;
}

void SubscriptionSet::End(const absl::Status& reason) {
  asked_.clear();
  for (const SubscriptionName& name : dispatcher_.Names()) {
    for (const Subscribed& subscribed : dispatcher_.RemoveAll(name).subscribers) {
      subscribed.subscriber->OnEnd(reason);
      Finish(subscribed.id, reason);
    }
  }
}

}  // namespace esockets::client
