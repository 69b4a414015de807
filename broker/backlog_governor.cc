#include "broker/backlog_governor.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/log.h"

namespace esockets::broker {

// Longest first: they are cut to the length of the next, as many as it takes.
uint64_t ShedLevel(std::vector<uint64_t> sizes, uint64_t excess_bytes) {
  std::ranges::sort(sizes, std::greater<>());
  uint64_t sum = 0;
  for (size_t count = 1; count <= sizes.size(); ++count) {
    sum += sizes[count - 1];
    if (sum <= excess_bytes) continue;
    const uint64_t level = (sum - excess_bytes) / count;
    if (count == sizes.size() || level >= sizes[count]) return level;
  }
  return 0;
}

void BacklogGovernor::OnPressure() {
  if (totals_.shedding.exchange(true)) return;
  executor_.AtTurnEnd([this] {
    executor_.AssertOnLoop();
    sizes_.clear();
    PostToAll(BacklogSizesAskParcel{});
  });
}

void BacklogGovernor::PostToAll(const Parcel& parcel) {
  missing_ = siblings_.count();
  // The answer of this loop comes within the call, and is not the last one if there are others.
  for (uint32_t loop = siblings_.count(); loop-- > 0;) {
    if (loop != siblings_.self()) siblings_.Post(loop, parcel);
  }
  siblings_.Post(siblings_.self(), parcel);
}

void BacklogGovernor::OnSizesAsk(uint32_t from) {
  BacklogSizesParcel sizes;
  for (const auto& [session, entry] : ledger_.entries()) {
    const uint64_t bytes = entry.outbox->backlog_memory_bytes();
    if (bytes > 0) sizes.bytes.push_back(bytes);
  }
  siblings_.Post(from, std::move(sizes));
}

void BacklogGovernor::OnSizes(const BacklogSizesParcel& sizes) {
  sizes_.insert(sizes_.end(), sizes.bytes.begin(), sizes.bytes.end());
  if (--missing_ > 0) return;
  const uint64_t now_bytes = totals_.backlog_memory_bytes.load(std::memory_order_relaxed);
  const uint64_t goal_bytes = ShedToBytes(limits_.backlogs_bytes_max);
  const uint64_t excess_bytes = now_bytes - std::min(now_bytes, goal_bytes);
  done_ = {};
  PostToAll(ShedParcel{ShedLevel(std::move(sizes_), excess_bytes)});
}

void BacklogGovernor::OnShed(uint32_t from, const ShedParcel& shed) {
  ShedDoneParcel done{};
  for (const auto& [session, entry] : ledger_.entries()) {
    if (entry.outbox->backlog_memory_bytes() <= shed.bytes_max) continue;
    ++done.clients;
    done.bytes += entry.outbox->Shed(shed.bytes_max);
  }
  siblings_.Post(from, done);
}

void BacklogGovernor::OnShedDone(const ShedDoneParcel& done) {
  done_.bytes += done.bytes;
  done_.clients += done.clients;
  if (--missing_ > 0) return;
  metrics_.sheds_total.Add();
  totals_.shedding = false;
  if (executor_.TurnTime() < logged_until_) return;
  logged_until_ = executor_.TurnTime() + kShedLogInterval;
  base::Log(base::LogLevel::kWarning, "the largest backlogs were cut",
            {{"clients", done_.clients},
             {"bytes", done_.bytes},
             {"backlogs_bytes_max", limits_.backlogs_bytes_max}});
}

}  // namespace esockets::broker
