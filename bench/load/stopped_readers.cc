#include "bench/load/stopped_readers.h"

#include <algorithm>

#include "absl/status/statusor.h"
#include "bench/load/process_usage.h"
#include "bench/load/stream_check.h"

namespace esockets::load {
namespace {

// Nothing has come for so long: there is nothing more.
constexpr uint64_t kQuietNs = 500'000'000;

}  // namespace

absl::Status StoppedReaders::Add(size_t count, std::span<const std::string> filters,
                                 Traffic* traffic) {
  for (size_t i = 0; i < count; ++i) {
    const absl::StatusOr<Link*> added =
        traffic->AddSubscriber(StreamCheck::Expect::kEvery, filters, 1, nullptr);
    if (!added.ok()) return added.status();
    links_.push_back(*added);
  }
  return absl::OkStatus();
}

void StoppedReaders::Stop() {
  for (Link* const link : links_) {
    link->may_lose = true;
    fleet_.StopReading(link);
  }
}

void StoppedReaders::ReadAgain(uint64_t sent, Result* result) {
  for (Link* const link : links_) {
    if (link->is_open()) fleet_.ReadAgain(link);
  }
  ReadAll();
  uint64_t received = 0, told = 0, closed = 0, reordered = 0;
  for (const Link* const link : links_) {
    received += link->check().messages();
    told += link->check().faults().dropped;
    reordered += link->check().faults().reordered + link->check().faults().broken;
    if (!link->is_open()) ++closed;
  }
  const uint64_t accounted = received + told, all = sent * links_.size();
  result->Add("slow_received", static_cast<double>(received));
  result->Add("slow_told_dropped", static_cast<double>(told));
  result->Add("slow_lost_untold", static_cast<double>(all - std::min(all, accounted)));
  result->Add("slow_disconnected", static_cast<double>(closed));
  if (reordered > 0) result->invalid = "a slow subscriber got messages out of order";
}

void StoppedReaders::ReadAll() {
  uint64_t bytes = 0, since_ns = NowNs();
  while (NowNs() - since_ns < kQuietNs) {
    fleet_.Turn(kQuietNs / 10);
    if (bytes == fleet_.totals().bytes_received) continue;
    bytes = fleet_.totals().bytes_received;
    since_ns = NowNs();
  }
}

}  // namespace esockets::load
