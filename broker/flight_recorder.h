// The last steps of each active connection of a loop: what one looks at when it has ended badly.
// No payloads. Connections that are idle have none, and those that were active give theirs back.
// Thread: the loop.
#ifndef BROKER_FLIGHT_RECORDER_H_
#define BROKER_FLIGHT_RECORDER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "base/on_loop.h"
#include "broker/limits.h"

namespace esockets::broker {

enum class FlightKind : uint8_t {
  // What an idle client does as well.
  kConnect,
  kSubscribe,
  kUnsubscribe,
  kPing,
  kDisconnect,
  kRefresh,
  // What only an active one does, or has done to it.
  kPublish,
  kFlush,    // the kernel took bytes
  kRefused,  // ... and takes no more
  kGap,      // the client was told of a hole
};
std::string_view FlightKindText(FlightKind kind);

// One step; or several of one kind and topic, one soon after the other.
class FlightStep {
 public:
  FlightStep() = default;
  // `topic`: or a filter; a long one is cut.
  FlightStep(FlightKind what, std::string_view topic, uint64_t count, uint64_t all_bytes);

  FlightKind kind() const { return kind_; }
  // Is the connection not idle? A flush as short as a Pong says nothing.
  bool IsActivity() const {
    return kind_ >= FlightKind::kPublish &&
           (kind_ != FlightKind::kFlush || bytes > kFlightIdleFlushBytes);
  }
  std::string_view topic() const { return {topic_.data(), topic_bytes_}; }
  bool IsLike(const FlightStep& other) const {
    return kind_ == other.kind_ && topic() == other.topic();
  }
  void Add(const FlightStep& later);

  base::TimePoint time{};    // of the first
  uint32_t messages = 0;     // or commands, or sends; as many as there can be, if there are more
  uint32_t bytes = 0;        // the same
  uint32_t queue_bytes = 0;  // in the send queue after the last

 private:
  FlightKind kind_ = FlightKind::kConnect;
  uint8_t topic_bytes_ = 0;
  std::array<char, 26> topic_{};
};
static_assert(sizeof(FlightStep) == 48);

class FlightRecorders {
 public:
  // Which recorder is a connection's: kept by the connection, and changed here alone.
  using Slot = uint32_t;
  static constexpr Slot kNone = ~Slot{0};

  explicit FlightRecorders(base::Executor* executor) : executor_(*executor) {}
  FlightRecorders(const FlightRecorders&) = delete;
  FlightRecorders& operator=(const FlightRecorders&) = delete;

  // Notes a step of now. Without a recorder (kNone) the connection gets one, if there is one left;
  // activity alone keeps it. REQUIRES: *slot stays where it is until Take.
  void Note(Slot* slot, FlightStep step) ESOCKETS_ON_LOOP;

  // A flush like the step before and soon after it, which most are: cheaper. False: it is for Note.
  // REQUIRES: *slot is not kNone.
  bool NoteFlush(Slot slot, uint64_t flushed_bytes, uint64_t queue_bytes) ESOCKETS_ON_LOOP {
    FlightStep& last = last_[slot];
    if (last.kind() != FlightKind::kFlush) return false;
    if (executor_.TurnTime() - last.time >= kFlightStepTime) return false;
    ++last.messages;
    last.bytes += static_cast<uint32_t>(flushed_bytes);  // of 100 ms: it does not overflow
    last.queue_bytes = static_cast<uint32_t>(queue_bytes);
    return true;
  }

  // The steps, oldest first; the recorder is free for another. REQUIRED before the slot dies.
  std::vector<FlightStep> Take(Slot* slot) ESOCKETS_ON_LOOP;

  size_t in_use() const { return recorders_.size() - free_.size(); }

 private:
  struct Recorder {
    Slot* owner = nullptr;
    base::TimePoint active{};  // when it was last
    uint32_t count = 0;        // of all steps before the last one
    std::array<FlightStep, kFlightSteps - 1> steps;

    FlightStep& step(uint32_t number) { return steps[number % steps.size()]; }
  };

  bool Assign(Slot* slot) ESOCKETS_ON_LOOP;
  void TakeBackOneOfMany(base::TimePoint unused_since) ESOCKETS_ON_LOOP;
  void TakeBack(Slot slot) ESOCKETS_ON_LOOP;
  void WatchUnused() ESOCKETS_ON_LOOP;

  base::Executor& executor_;
  std::vector<std::unique_ptr<Recorder>> recorders_;  // by slot; null: free
  // By slot: what most flushes change lies close together. Without messages: there is none yet.
  std::vector<FlightStep> last_;
  std::vector<Slot> free_;
  size_t hand_ = 0;  // where TakeBackOneOfMany goes on
  bool watching_ = false;
};

}  // namespace esockets::broker

#endif  // BROKER_FLIGHT_RECORDER_H_
