#include "broker/stream_topics.h"

#include <algorithm>
#include <utility>

#include "base/allocated_bytes.h"
#include "base/topic.h"

namespace esockets::broker {

std::optional<uint32_t> StreamTopics::Find(std::string_view topic) const {
  const auto found = slots_.find(topic);
  if (found == slots_.end()) return std::nullopt;
  return found->second;
}

uint32_t StreamTopics::FindOrAdd(std::string_view topic) {
  if (const auto found = slots_.find(topic); found != slots_.end()) return found->second;
  uint32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<uint32_t>(topics_.size());
    topics_.emplace_back();
    for (LostTo& lost_to : lost_to_) lost_to.by_slot.push_back(0);
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  topics_[slot].text = topic;
  slots_.emplace(topic, slot);
  memory_bytes_ += MemoryOf(topics_[slot]);
  return slot;
}

uint32_t StreamTopics::Add(uint32_t slot, uint64_t position, bool note_position) {
  Topic& topic = topics_[slot];
  ++topic.messages;
  if (note_position) topic.positions.push_back(position);
  return ++topic.last_ordinal;
}

void StreamTopics::Remove(uint32_t slot, uint64_t position) {
  Topic& topic = topics_[slot];
  if (--topic.messages == 0) return Release(slot);
  if (topic.positions.empty()) return;
  if (topic.positions[topic.first] != position) {
    topic.positions.erase(std::ranges::lower_bound(topic.positions, position));
    return;
  }
  if (2 * ++topic.first < topic.positions.size()) return;
  topic.positions.erase(topic.positions.begin(),
                        topic.positions.begin() + static_cast<std::ptrdiff_t>(topic.first));
  topic.first = 0;
}

void StreamTopics::NoteLost(Loss loss, uint32_t slot, uint64_t position) {
  LostTo& lost_to = lost_to_[static_cast<size_t>(loss)];
  lost_to.by_slot[slot] = std::max(lost_to.by_slot[slot], position);
  if (position < lost_to.of_all) {
    ++lost_to.late_losses;
    lost_to.of_late = std::max(lost_to.of_late, position);
  }
  lost_to.of_all = std::max(lost_to.of_all, position);
}

void StreamTopics::Release(uint32_t slot) {
  Topic& topic = topics_[slot];
  for (LostTo& lost_to : lost_to_) {
    lost_to.of_forgotten = std::max(lost_to.of_forgotten, std::exchange(lost_to.by_slot[slot], 0));
  }
  memory_bytes_ -= MemoryOf(topic);
  slots_.erase(topic.text);
  topic = Topic();
  free_.push_back(slot);
}

uint64_t StreamTopics::MemoryOf(const Topic& topic) {
  // The text is there twice; a hash table is half empty.
  return 2 * (base::AllocatedBytes(topic.text.size() + 1) + sizeof(Topic) + sizeof(uint64_t) +
              sizeof(std::string));
}

TopicSelection::TopicSelection(std::string_view filter, const StreamTopics* topics)
    : topics_(*topics),
      filter_(filter),
      kind_(filter.empty()            ? Kind::kAll
            : base::IsLiteral(filter) ? Kind::kOne
                                      : Kind::kSome),
      one_(kind_ == Kind::kOne ? topics->Find(filter) : std::nullopt),
      answers_(kind_ == Kind::kSome ? topics->slots() : 0) {}

TopicSelection::Answer TopicSelection::Look(uint32_t slot) const {
  return base::FilterMatches(filter_, topics_[slot].text) ? Answer::kYes : Answer::kNo;
}

uint64_t TopicSelection::LostBehind(Loss loss, uint64_t position) {
  if (topics_.lost_to(loss) <= position) return 0;
  if (kind_ == Kind::kAll) return topics_.lost_to(loss);
  uint64_t last = std::max(position, topics_.forgotten_lost_to(loss));
  const auto look = [&](uint32_t slot) {
    if (topics_.lost_to(loss, slot) > last && Contains(slot)) last = topics_.lost_to(loss, slot);
  };
  if (kind_ == Kind::kSome) {
    // The newest topic first: where topics take turns, it has lost one last.
    for (size_t slot = topics_.slots(); slot-- > 0;) look(static_cast<uint32_t>(slot));
  } else if (one_) {
    look(*one_);
  }
  return last > position ? last : 0;
}

}  // namespace esockets::broker
