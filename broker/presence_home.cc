#include "broker/presence_home.h"

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "broker/limits.h"
#include "broker/messages.h"
#include "proto/server_frame_encoder.h"

namespace esockets::broker {

void PresenceHome::Take(const PresenceChange& change) {
  metrics_.presence_changes_total.Add();
  if (change.kind != PresenceChange::Kind::kJoined && !topics_.contains(change.topic)) return;
  Topic* const topic = FindOrAdd(change.topic);
  topic->presence.Take(change, executor_.TurnTime());
  Schedule(topic);
  SetTimer();
}

// Epochs begin with the time, so that none comes back when the broker starts again.
PresenceHome::Topic* PresenceHome::FindOrAdd(std::string_view name) {
  std::unique_ptr<Topic>& topic = topics_[std::string(name)];
  if (topic == nullptr) {
    const PresenceRule* const rule = rules_.Of(name);
    ESOCKETS_CHECK(rule != nullptr);
    const auto now_us = static_cast<uint64_t>(executor_.clock().WallMicros());
    last_epoch_ = std::max(last_epoch_ + 1, now_us);
    topic = std::make_unique<Topic>(std::string(name), rule, last_epoch_);
    metrics_.presence_topics.Set(topics_.size());
  }
  return topic.get();
}

// One that wakes too early finds nothing to do, and waits again.
void PresenceHome::Schedule(Topic* topic) {
  const base::TimePoint next = topic->presence.next();
  if (next >= topic->wakes_at) return;
  schedule_.erase({topic->wakes_at, topic});
  topic->wakes_at = next;
  schedule_.emplace(next, topic);
}

void PresenceHome::SetTimer() {
  const base::TimePoint first =
      schedule_.empty() ? PresenceTopic::kNever : schedule_.begin()->first;
  if (first >= timer_at_) return;
  if (timer_at_ != PresenceTopic::kNever) executor_.Cancel(timer_);
  timer_at_ = first;
  timer_ = executor_.RunAt(first, [this] {
    executor_.AssertOnLoop();
    timer_at_ = PresenceTopic::kNever;
    WakeSome();
    SetTimer();
  });
}

// Those that are left over are due, and wake in the next turn.
void PresenceHome::WakeSome() {
  const base::TimePoint now = executor_.TurnTime();
  for (size_t woken = 0; woken < kPresenceTopicsPerTurn; ++woken) {
    if (schedule_.empty() || schedule_.begin()->first > now) return;
    Topic* const topic = schedule_.extract(schedule_.begin()).value().second;
    topic->wakes_at = PresenceTopic::kNever;
    Wake(topic, now);
  }
}

void PresenceHome::Wake(Topic* topic, base::TimePoint now) {
  members_ -= topic->presence.count();
  const std::optional<PresenceUpdate> update = topic->presence.Advance(now);
  members_ += topic->presence.count();
  metrics_.presence_members.Set(members_);
  if (update) Publish(*update);
  Schedule(topic);
  if (!topic->presence.empty()) return;
  schedule_.erase({topic->wakes_at, topic});
  topics_.erase(topic->presence.topic());
  metrics_.presence_topics.Set(topics_.size());
}

void PresenceHome::Publish(const PresenceUpdate& update) {
  metrics_.presence_updates_total.Add();
  const std::string topic = base::StrCat(kPresencePrefix, update.topic());
  const std::string payload = update.SerializeAsString();
  const proto::TopicAndPayload fields(topic, payload);
  frame_.Assign(fields.pieces()[1], fields.pieces());
  router_.Publish({.topic = frame_.topic(), .frames = frame_.frames()});
}

PresenceRoster PresenceHome::Roster(std::string_view topic, const PresenceRequest& request) {
  const auto found = topics_.find(topic);
  if (found != topics_.end()) return found->second->presence.Roster(request);
  PresenceRoster nobody;
  nobody.set_topic(std::string(topic));
  return nobody;
}

}  // namespace esockets::broker
