// The topics of a stream's messages: each has a slot, so that a message names its topic in four
// bytes and a filter looks at each topic once. Thread: the stream's loop.
#ifndef BROKER_STREAM_TOPICS_H_
#define BROKER_STREAM_TOPICS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"

namespace esockets::broker {

// Why a message that is not the oldest of all was let go of: its topic had enough of them, or the
// class of its publisher had.
enum class Loss : uint8_t { kOfTopic, kOfClass };
inline constexpr size_t kLosses = 2;

class StreamTopics {
 public:
  struct Topic {
    std::string text;
    uint32_t messages = 0;  // that are there
    uint32_t last_ordinal = 0;
    std::vector<uint64_t> positions;  // of those that are there, if they are noted
    size_t first = 0;                 // of positions: what is before is gone
  };

  StreamTopics() = default;
  StreamTopics(const StreamTopics&) = delete;
  StreamTopics& operator=(const StreamTopics&) = delete;

  const Topic& operator[](uint32_t slot) const { return topics_[slot]; }
  std::optional<uint32_t> Find(std::string_view topic) const;
  uint32_t FindOrAdd(std::string_view topic);
  size_t size() const { return slots_.size(); }
  // Above the slot of every topic.
  size_t slots() const { return topics_.size(); }

  // A message more. Returns its ordinal.
  uint32_t Add(uint32_t slot, uint64_t position, bool note_position);
  // One of its messages is let go of. Its last one takes the topic with it.
  void Remove(uint32_t slot, uint64_t position);
  // REQUIRES: positions are noted, and there is one.
  uint64_t OldestPosition(uint32_t slot) const {
    const Topic& topic = topics_[slot];
    return topic.positions[topic.first];
  }
  // REQUIRES: positions are noted.
  std::span<const uint64_t> PositionsOf(uint32_t slot) const {
    const Topic& topic = topics_[slot];
    return std::span(topic.positions).subspan(topic.first);
  }
  // One that is about to be removed for this reason.
  void NoteLost(Loss loss, uint32_t slot, uint64_t position);

  // Position of the last one that was lost so: of this topic, of those that have gone, of all.
  uint64_t lost_to(Loss loss, uint32_t slot) const { return of(loss).by_slot[slot]; }
  uint64_t forgotten_lost_to(Loss loss) const { return of(loss).of_forgotten; }
  uint64_t lost_to(Loss loss) const { return of(loss).of_all; }
  // Times that one was lost in front of another that was lost before; and the last such position.
  uint64_t late_losses(Loss loss) const { return of(loss).late_losses; }
  uint64_t late_lost_to(Loss loss) const { return of(loss).of_late; }

  uint64_t memory_bytes() const { return memory_bytes_; }

 private:
  // Positions.
  struct LostTo {
    std::vector<uint64_t> by_slot;  // close together: all are looked at in a row
    uint64_t of_forgotten = 0;
    uint64_t of_all = 0;
    uint64_t of_late = 0;
    uint64_t late_losses = 0;
  };
  const LostTo& of(Loss loss) const { return lost_to_[static_cast<size_t>(loss)]; }
  void Release(uint32_t slot);
  static uint64_t MemoryOf(const Topic& topic);

  std::vector<Topic> topics_;  // by slot
  std::array<LostTo, kLosses> lost_to_;
  std::vector<uint32_t> free_;
  base::StringMap<uint32_t> slots_;
  uint64_t memory_bytes_ = 0;
};

// Which topics a filter matches: each is looked at once. REQUIRES: the filter's bytes and the
// topics outlive this, and the topics stay as they are.
class TopicSelection {
 public:
  // An empty filter: all of them.
  TopicSelection(std::string_view filter, const StreamTopics* topics);

  bool Contains(uint32_t slot) {
    if (kind_ == Kind::kAll) return true;
    if (kind_ == Kind::kOne) return slot == one_;
    if (answers_[slot] == Answer::kUnknown) answers_[slot] = Look(slot);
    return answers_[slot] == Answer::kYes;
  }

  // Its topic, if it contains but one; nothing: it contains several, or none.
  std::optional<uint32_t> one() const { return one_; }
  bool is_literal() const { return kind_ == Kind::kOne; }

  // Of those that it contains, or of any that are forgotten, the last position that was lost so, if
  // it is behind this one. 0: there is none.
  uint64_t LostBehind(Loss loss, uint64_t position);

 private:
  enum class Kind : uint8_t { kAll, kOne, kSome };
  enum class Answer : uint8_t { kUnknown, kNo, kYes };
  Answer Look(uint32_t slot) const;

  const StreamTopics& topics_;
  const std::string_view filter_;
  const Kind kind_;
  const std::optional<uint32_t> one_;  // kOne: slot; nothing: no such topic is there
  std::vector<Answer> answers_;        // kSome: by slot
};

}  // namespace esockets::broker

#endif  // BROKER_STREAM_TOPICS_H_
