#include "broker/message_ids.h"

#include <algorithm>

#include "absl/hash/hash.h"
#include "proto/message_frame.h"

namespace esockets::broker {

const MessageIds::Known* MessageIds::Find(std::string_view id, base::TimePoint now) {
  Forget(now);
  const auto found = known_.find(id);
  return found == known_.end() ? nullptr : &found->second;
}

void MessageIds::Add(std::string_view id, const Known& known, base::TimePoint now) {
  if (limits_.ids_max == 0) return;
  while (known_.size() >= limits_.ids_max) {
    known_.erase(by_age_.front().id);
    by_age_.pop_front();
  }
  known_.emplace(id, known);
  by_age_.push_back({now, std::string(id)});
}

void MessageIds::Forget(base::TimePoint now) {
  while (!by_age_.empty() && IsOld(by_age_.front(), now)) {
    known_.erase(by_age_.front().id);
    by_age_.pop_front();
  }
}

size_t MessageIds::CountAt(base::TimePoint now) const {
  const auto first =
      std::ranges::partition_point(by_age_, [&](const Age& age) { return IsOld(age, now); });
  return static_cast<size_t>(by_age_.end() - first);
}

uint64_t MessageIds::ContentOf(const base::FrameSequence& frame) {
  return absl::HashOf(base::ToAbsl(proto::FieldsOfFrame(frame.front())));
}

}  // namespace esockets::broker
