#include "broker/memory_governor.h"

#include <algorithm>
#include <utility>

#include "base/executor.h"
#include "base/log.h"
#include "base/work_pool.h"
#include "broker/limits.h"

namespace esockets::broker {

MemoryGovernor::MemoryGovernor(Shard* shard, ProcessMemory memory)
    : shard_(*shard), memory_(std::move(memory)) {}

// What was freed since the last look may still be the allocator's: nobody shall lose anything for
// that.
void MemoryGovernor::Look() {
  const uint64_t bytes = memory_.bytes();
  const MemoryLevel level = MemoryLevelAt(bytes, shard_.limits().memory_bytes_max);
  level == MemoryLevel::kEnough ? Settle(bytes) : Release();
}

void MemoryGovernor::Release() {
  base::WorkPool* const pool = shard_.host.pool;
  if (pool == nullptr) {
    memory_.release();
    return Settle(memory_.bytes());
  }
  base::Task release = [this] {
    memory_.release();
    shard_.executor.Post([this] {
      shard_.executor.AssertOnLoop();
      Settle(memory_.bytes());
    });
  };
  // Passwords may be in the way: it is for the next look, then.
  if (!pool->TryRun(&release)) Settle(memory_.bytes());
}

void MemoryGovernor::Settle(uint64_t bytes) {
  const MemoryLevel level = MemoryLevelAt(bytes, shard_.limits().memory_bytes_max);
  const MemoryLevel before = shard_.totals.memory_level.exchange(level);
  shard_.totals.memory_bytes = bytes;
  if (before == MemoryLevel::kEnough && level != before) shard_.metrics.memory_short_total.Add();
  shard_.metrics.memory_bytes.Set(bytes);
  shard_.metrics.memory_level.Set(static_cast<uint64_t>(level));
  LogLevelChange(level, bytes);
  Shed(level, bytes);
  const uint64_t bytes_max = shard_.limits().memory_bytes_max;
  const bool soon = bytes_max != 0 && bytes > bytes_max / 2;
  const base::Duration pause = soon ? kMemoryLookSoon : kMemoryLookInterval;
  shard_.executor.RunAt(shard_.executor.TurnTime() + pause, [this] {
    shard_.executor.AssertOnLoop();
    Look();
  });
}

// A frame that several clients wait for counts for each, and is not free before the last one is
// cut: as long as a cut was not enough, the next one takes twice as much. Nobody is closed as long
// as messages may be enough.
void MemoryGovernor::Shed(MemoryLevel level, uint64_t bytes) {
  const uint32_t cuts = std::exchange(cuts_, 0);
  if (level < MemoryLevel::kCutBacklogs) return;
  const uint64_t bytes_max = shard_.limits().memory_bytes_max;
  const uint64_t excess_bytes = bytes - MemoryLevelBytes(MemoryLevel::kNoNewcomers, bytes_max);
  if (level >= MemoryLevel::kCloseSlow && shard_.totals.backlog_memory_bytes < excess_bytes) {
    return shard_.backlog_governor.CloseLargest(excess_bytes);
  }
  shard_.backlog_governor.CutLargest(excess_bytes << cuts);
  cuts_ = std::min(cuts + 1, kCutsDoubledMax);
}

// Up and down between two levels is said once in a while; what is worse than was said, at once.
void MemoryGovernor::LogLevelChange(MemoryLevel level, uint64_t bytes) {
  const base::TimePoint now = shard_.executor.TurnTime();
  if (level == logged_ || (level < logged_ && now < logged_until_)) return;
  logged_ = level;
  logged_until_ = now + kShedLogInterval;
  base::Log(level == MemoryLevel::kEnough ? base::LogLevel::kInfo : base::LogLevel::kWarning,
            MemoryLevelText(level),
            {{"memory_bytes", bytes}, {"memory_bytes_max", shard_.limits().memory_bytes_max}});
}

}  // namespace esockets::broker
