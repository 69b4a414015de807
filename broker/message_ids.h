// The ids of messages that a stream has stored lately: what comes a second time is stored once.
// Thread: the stream's loop.
#ifndef BROKER_MESSAGE_IDS_H_
#define BROKER_MESSAGE_IDS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/frame_sequence.h"
#include "base/strings.h"

namespace esockets::broker {

// How long an id is remembered: for as long as both allow.
struct MessageIdLimits {
  base::Duration window = std::chrono::minutes(2);
  uint32_t ids_max = 100'000;
};

class MessageIds {
 public:
  // What was stored under an id.
  struct Known {
    uint64_t position = 0;
    uint64_t content = 0;  // ContentOf
  };

  explicit MessageIds(const MessageIdLimits& limits) : limits_(limits) {}
  MessageIds(const MessageIds&) = delete;
  MessageIds& operator=(const MessageIds&) = delete;

  // Null: nothing, or too long ago.
  const Known* Find(std::string_view id, base::TimePoint now);
  // REQUIRES: there is none.
  void Add(std::string_view id, const Known& known, base::TimePoint now);

  size_t size() const { return known_.size(); }
  // ... without those that the next Find would forget.
  size_t CountAt(base::TimePoint now) const;

  // Of a message and what travels with it: different contents differ in this, but for one in 2^64.
  static uint64_t ContentOf(const base::FrameSequence& frame);

 private:
  struct Age {
    base::TimePoint time;
    std::string id;
  };

  bool IsOld(const Age& age, base::TimePoint now) const { return now - age.time >= limits_.window; }
  void Forget(base::TimePoint now);

  const MessageIdLimits limits_;
  base::StringMap<Known> known_;
  std::deque<Age> by_age_;
};

}  // namespace esockets::broker

#endif  // BROKER_MESSAGE_IDS_H_
