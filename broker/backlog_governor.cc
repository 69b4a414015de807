#include "broker/backlog_governor.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/log.h"
#include "broker/memory_levels.h"

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

std::vector<uint64_t> ClosesOfLoops(const SizesOfLoops& sizes, uint64_t excess_bytes) {
  std::vector<std::pair<uint64_t, size_t>> largest;  // and its loop
  for (size_t loop = 0; loop < sizes.size(); ++loop) {
    for (const uint64_t bytes : sizes[loop]) largest.emplace_back(bytes, loop);
  }
  std::ranges::sort(largest, std::greater<>());
  std::vector<uint64_t> closes(sizes.size());
  uint64_t sum = 0;
  for (const auto& [bytes, loop] : largest) {
    if (sum >= excess_bytes) break;
    sum += bytes;
    ++closes[loop];
  }
  return closes;
}

namespace {

uint64_t WaitingBytes(const Outbox& outbox) ESOCKETS_ON_LOOP {
  return outbox.backlog_memory_bytes() + outbox.sink().unsent_bytes();
}

}  // namespace

void BacklogGovernor::OnPressure() { Begin({}); }

void BacklogGovernor::CutLargest(uint64_t excess_bytes) { Begin({.excess_bytes = excess_bytes}); }

void BacklogGovernor::CloseLargest(uint64_t excess_bytes) {
  Begin({.closes = true, .excess_bytes = excess_bytes});
}

void BacklogGovernor::Begin(const Round& round) {
  if (totals_.shedding.exchange(true)) return;
  round_ = round;
  executor_.AtTurnEnd([this] {
    executor_.AssertOnLoop();
    sizes_.assign(siblings_.count(), {});
    PostToAll([this](uint32_t) { return BacklogSizesAskParcel{round_.closes}; });
  });
}

template <typename ParcelFor>
void BacklogGovernor::PostToAll(ParcelFor parcel_for) {
  missing_ = siblings_.count();
  // The answer of this loop comes within the call, and is not the last one if there are others.
  for (uint32_t loop = siblings_.count(); loop-- > 0;) {
    if (loop != siblings_.self()) siblings_.Post(loop, parcel_for(loop));
  }
  siblings_.Post(siblings_.self(), parcel_for(siblings_.self()));
}

void BacklogGovernor::OnSizesAsk(uint32_t from, const BacklogSizesAskParcel& ask) {
  BacklogSizesParcel sizes;
  for (const auto& [session, entry] : ledger_.entries()) {
    if (ask.with_send_queues && !entry.slow) continue;
    const uint64_t bytes =
        ask.with_send_queues ? WaitingBytes(*entry.outbox) : entry.outbox->backlog_memory_bytes();
    const uint64_t bytes_min = ask.with_send_queues ? kClosedForMemoryBytesMin : 1;
    if (bytes >= bytes_min) sizes.bytes.push_back(bytes);
  }
  siblings_.Post(from, std::move(sizes));
}

uint64_t BacklogGovernor::ExcessBytes() const {
  if (round_.excess_bytes > 0) return round_.excess_bytes;
  const uint64_t now_bytes = totals_.backlog_memory_bytes.load(std::memory_order_relaxed);
  return now_bytes - std::min(now_bytes, ShedToBytes(limits_.backlogs_bytes_max));
}

void BacklogGovernor::OnSizes(uint32_t from, const BacklogSizesParcel& sizes) {
  sizes_[from] = sizes.bytes;
  if (--missing_ > 0) return;
  done_ = {};
  if (round_.closes) {
    const std::vector<uint64_t> closes = ClosesOfLoops(sizes_, ExcessBytes());
    return PostToAll([&closes](uint32_t loop) {
      return ShedParcel{.bytes_max = UINT64_MAX, .closes = closes[loop]};
    });
  }
  std::vector<uint64_t> all;
  for (const auto& of_loop : sizes_) all.insert(all.end(), of_loop.begin(), of_loop.end());
  const uint64_t bytes_max = ShedLevel(std::move(all), ExcessBytes());
  PostToAll([bytes_max](uint32_t) { return ShedParcel{.bytes_max = bytes_max, .closes = 0}; });
}

void BacklogGovernor::OnShed(uint32_t from, const ShedParcel& shed) {
  siblings_.Post(from, shed.closes > 0 ? Close(shed.closes) : CutTo(shed.bytes_max));
}

ShedDoneParcel BacklogGovernor::CutTo(uint64_t bytes_max) {
  ShedDoneParcel done{};
  for (const auto& [session, entry] : ledger_.entries()) {
    if (entry.outbox->backlog_memory_bytes() <= bytes_max) continue;
    ++done.clients;
    done.bytes += entry.outbox->Shed(bytes_max);
  }
  return done;
}

ShedDoneParcel BacklogGovernor::Close(uint64_t clients) {
  std::vector<std::pair<uint64_t, Outbox*>> largest;
  for (const auto& [session, entry] : ledger_.entries()) {
    if (entry.slow) largest.emplace_back(WaitingBytes(*entry.outbox), entry.outbox);
  }
  std::ranges::sort(largest, std::greater<>());
  ShedDoneParcel done{};
  for (const auto& [bytes, outbox] : largest) {
    if (done.clients == clients) break;
    if (!outbox->EndForMemory(bytes)) continue;
    ++done.clients;
    done.bytes += bytes;
  }
  return done;
}

void BacklogGovernor::OnShedDone(const ShedDoneParcel& done) {
  done_.bytes += done.bytes;
  done_.clients += done.clients;
  if (--missing_ > 0) return;
  totals_.shedding = false;
  if (done_.clients == 0) return;
  metrics_.sheds_total.Add();
  if (executor_.TurnTime() < logged_until_) return;
  logged_until_ = executor_.TurnTime() + kShedLogInterval;
  base::Log(
      base::LogLevel::kWarning,
      round_.closes ? "the clients with most waiting were closed" : "the largest backlogs were cut",
      {{"clients", done_.clients},
       {"bytes", done_.bytes},
       {"backlogs_bytes_max", limits_.backlogs_bytes_max},
       {"memory_bytes_max", limits_.memory_bytes_max}});
}

}  // namespace esockets::broker
