#include "broker/flight_recorder.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/utf8.h"

namespace esockets::broker {
namespace {

// At most as much as fits.
uint32_t Bounded(uint64_t number) {
  return static_cast<uint32_t>(std::min<uint64_t>(number, std::numeric_limits<uint32_t>::max()));
}

}  // namespace

std::string_view FlightKindText(FlightKind kind) {
  switch (kind) {
    case FlightKind::kConnect:
      return "connect";
    case FlightKind::kSubscribe:
      return "subscribe";
    case FlightKind::kUnsubscribe:
      return "unsubscribe";
    case FlightKind::kPublish:
      return "publish";
    case FlightKind::kPing:
      return "ping";
    case FlightKind::kRefresh:
      return "refresh";
    case FlightKind::kDisconnect:
      return "disconnect";
    case FlightKind::kFlush:
      return "flush";
    case FlightKind::kRefused:
      return "refused";
    case FlightKind::kGap:
      return "gap";
  }
  return "";
}

FlightStep::FlightStep(FlightKind what, std::string_view topic, uint64_t count, uint64_t all_bytes)
    : messages(Bounded(count)), bytes(Bounded(all_bytes)), kind_(what) {
  const std::string_view cut = base::CutUtf8(topic, topic_.size());
  topic_bytes_ = static_cast<uint8_t>(cut.size());
  cut.copy(topic_.data(), cut.size());
}

void FlightStep::Add(const FlightStep& later) {
  messages = Bounded(uint64_t{messages} + later.messages);
  bytes = Bounded(uint64_t{bytes} + later.bytes);
  queue_bytes = later.queue_bytes;
}

void FlightRecorders::Note(Slot* slot, FlightStep step) {
  if (*slot == kNone && !Assign(slot)) return;
  if (step.time == base::TimePoint()) step.time = executor_.TurnTime();
  FlightStep& last = last_[*slot];
  if (last.IsLike(step) && step.time - last.time < kFlightStepTime) return last.Add(step);
  Recorder& recorder = *recorders_[*slot];
  if (step.IsActivity()) recorder.active = step.time;
  if (last.messages > 0) recorder.step(recorder.count++) = last;
  last = step;
}

std::vector<FlightStep> FlightRecorders::Take(Slot* slot) {
  std::vector<FlightStep> steps;
  if (*slot == kNone) return steps;
  Recorder& recorder = *recorders_[*slot];
  const auto kept = std::min<uint32_t>(recorder.count, kFlightSteps - 1);
  for (uint32_t i = recorder.count - kept; i < recorder.count; ++i) {
    steps.push_back(recorder.step(i));
  }
  steps.push_back(last_[*slot]);
  TakeBack(*slot);
  return steps;
}

bool FlightRecorders::Assign(Slot* slot) {
  if (free_.empty() && recorders_.size() == kFlightRecordersMax) {
    TakeBackOneOfMany(executor_.TurnTime() - kFlightUnusedMin);
    if (free_.empty()) return false;
  }
  if (free_.empty()) {
    free_.push_back(static_cast<Slot>(recorders_.size()));
    recorders_.emplace_back();
    last_.emplace_back();
  }
  *slot = free_.back();
  free_.pop_back();
  recorders_[*slot] = std::make_unique<Recorder>();
  recorders_[*slot]->owner = slot;
  recorders_[*slot]->active = executor_.TurnTime();
  last_[*slot] = FlightStep();
  if (!std::exchange(watching_, true)) WatchUnused();
  return true;
}

// All are given out: looks at a few, whether somebody does not need his any more.
void FlightRecorders::TakeBackOneOfMany(base::TimePoint unused_since) {
  constexpr int kLooks = 8;
  for (int looks = 0; looks < kLooks; ++looks) {
    hand_ = (hand_ + 1) % recorders_.size();
    if (recorders_[hand_]->active > unused_since) continue;
    return TakeBack(static_cast<Slot>(hand_));
  }
}

void FlightRecorders::TakeBack(Slot slot) {
  *recorders_[slot]->owner = kNone;
  recorders_[slot].reset();
  free_.push_back(slot);
}

void FlightRecorders::WatchUnused() {
  executor_.RunAt(executor_.TurnTime() + kFlightUnusedMax / 4, [this] {
    executor_.AssertOnLoop();
    const base::TimePoint unused_since = executor_.TurnTime() - kFlightUnusedMax;
    for (Slot slot = 0; slot < recorders_.size(); ++slot) {
      if (recorders_[slot] && recorders_[slot]->active < unused_since) TakeBack(slot);
    }
    watching_ = in_use() > 0;
    if (watching_) return WatchUnused();
    recorders_.clear();
    last_.clear();
    free_.clear();
    hand_ = 0;
  });
}

}  // namespace esockets::broker
