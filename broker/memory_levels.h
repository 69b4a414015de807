// How short of memory the broker is, and what it does about that: each step costs somebody less
// than the next one.
#ifndef BROKER_MEMORY_LEVELS_H_
#define BROKER_MEMORY_LEVELS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/clock.h"

namespace esockets::broker {

// A level does what those before it do, too.
enum class MemoryLevel : uint8_t {
  kEnough,
  kNoNewcomers,  // whoever is connected stays; who administrates comes in nevertheless
  kCutBacklogs,  // the largest lose messages, as their contracts say, and are told how many
  kCloseSlow,    // who holds most of what is not sent is closed, and told when to come back
  kKeepNothing,  // what would be kept is refused: for streams, last values and subscriptions
};
inline constexpr size_t kMemoryLevels = 5;

// The level begins at this part of Limits::memory_bytes_max. (What is shed is shed down to where
// newcomers come in again.)
inline constexpr std::array<uint64_t, kMemoryLevels> kMemoryLevelPercent = {0, 80, 85, 90, 95};

constexpr uint64_t MemoryLevelBytes(MemoryLevel level, uint64_t bytes_max) {
  return bytes_max / 100 * kMemoryLevelPercent[static_cast<size_t>(level)];
}

// `bytes_max` of 0: there is no limit.
constexpr MemoryLevel MemoryLevelAt(uint64_t bytes, uint64_t bytes_max) {
  size_t level = kMemoryLevels - 1;
  if (bytes_max == 0) return MemoryLevel::kEnough;
  while (bytes < MemoryLevelBytes(static_cast<MemoryLevel>(level), bytes_max)) --level;
  return static_cast<MemoryLevel>(level);
}

// For the log.
constexpr std::string_view MemoryLevelText(MemoryLevel level) {
  constexpr std::array<std::string_view, kMemoryLevels> kTexts = {
      "there is enough memory", "memory is short: newcomers are refused",
      "memory is short: the largest backlogs are cut", "memory is short: the slowest are closed",
      "memory is short: nothing more is kept"};
  return kTexts[static_cast<size_t>(level)];
}

// Between two looks at what the process has, of some 10 µs each; and when that is more than half of
// what it may have: in so much time little can come beside what levels leave free.
inline constexpr base::Duration kMemoryLookInterval = std::chrono::milliseconds(250);
inline constexpr base::Duration kMemoryLookSoon = std::chrono::milliseconds(50);

// Nobody is closed for less: a connection costs about as much to make again.
inline constexpr uint64_t kClosedForMemoryBytesMin = 16 << 10;

}  // namespace esockets::broker

#endif  // BROKER_MEMORY_LEVELS_H_
