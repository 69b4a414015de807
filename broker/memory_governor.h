// Keeps the broker within its memory: looks several times a second at what the process has, says
// to all loops how short that is, and has the clients that hold most of it shed. Thread: the first
// loop.
#ifndef BROKER_MEMORY_GOVERNOR_H_
#define BROKER_MEMORY_GOVERNOR_H_

#include <cstdint>
#include <functional>

#include "base/clock.h"
#include "base/on_loop.h"
#include "broker/memory_levels.h"
#include "broker/shard.h"

namespace esockets::broker {

// The memory of the process. Thread: any.
struct ProcessMemory {
  std::function<uint64_t()> bytes;  // that it has
  std::function<void()> release;    // what the allocator keeps for later; takes time
};

class MemoryGovernor {
 public:
  // REQUIRES: `shard` is the first loop's, and outlives this, which outlives the loop's tasks.
  MemoryGovernor(Shard* shard, ProcessMemory memory);
  MemoryGovernor(const MemoryGovernor&) = delete;
  MemoryGovernor& operator=(const MemoryGovernor&) = delete;

  // The first look; the others follow.
  void Start() ESOCKETS_ON_LOOP { Look(); }

 private:
  void Look() ESOCKETS_ON_LOOP;
  void Release() ESOCKETS_ON_LOOP;
  void Settle(uint64_t bytes) ESOCKETS_ON_LOOP;
  void Shed(MemoryLevel level, uint64_t bytes) ESOCKETS_ON_LOOP;
  void LogLevelChange(MemoryLevel level, uint64_t bytes) ESOCKETS_ON_LOOP;

  Shard& shard_;
  const ProcessMemory memory_;
  // In a row: as many looks have had backlogs cut.
  static constexpr uint32_t kCutsDoubledMax = 10;
  uint32_t cuts_ = 0;
  MemoryLevel logged_ = MemoryLevel::kEnough;
  base::TimePoint logged_until_{};  // no line that says less before
};

}  // namespace esockets::broker

#endif  // BROKER_MEMORY_GOVERNOR_H_
