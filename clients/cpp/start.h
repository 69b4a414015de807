// Where in its stream a subscription begins.
#ifndef CLIENTS_CPP_START_H_
#define CLIENTS_CPP_START_H_

#include <cstdint>

namespace esockets::client {

// All but Now are for filters within one stream; the broker refuses them of others.
class Start {
 public:
  // The same words in the same order as the protocol's.
  enum class At : uint8_t { kNow, kAfterPosition, kTime, kLast, kLastOfEachTopic };

  // With what is published from now on.
  static constexpr Start Now() { return {}; }
  // Where somebody was before. `epoch`: which StreamStart told with the position.
  static constexpr Start AfterPosition(uint64_t position, uint64_t epoch) {
    return {At::kAfterPosition, position, epoch};
  }
  // With the first message since then. `time_us`: microseconds since 1970 (UTC).
  static constexpr Start AtTime(uint64_t time_us) { return {At::kTime, time_us, 0}; }
  // With the last messages that match, at least one.
  static constexpr Start Last(uint64_t messages) { return {At::kLast, messages, 0}; }
  // With the last messages of each topic that matches, at least one.
  static constexpr Start LastOfEachTopic(uint64_t messages) {
    return {At::kLastOfEachTopic, messages, 0};
  }

  constexpr Start() = default;

  constexpr At at() const { return at_; }
  constexpr bool is_now() const { return at_ == At::kNow; }
  // Position, microseconds or messages.
  constexpr uint64_t number() const { return number_; }
  constexpr uint64_t epoch() const { return epoch_; }

 private:
  constexpr Start(At at, uint64_t number, uint64_t epoch)
      : at_(at), number_(number), epoch_(epoch) {}

  At at_ = At::kNow;
  uint64_t number_ = 0;
  uint64_t epoch_ = 0;
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_START_H_
