#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "bench/load/process_usage.h"
#include "bench/load/scenarios.h"
#include "bench/load/traffic.h"

namespace esockets::load {
namespace {

constexpr size_t kFastPerSlow = 10;

// Nothing has come for so long: there is nothing more.
constexpr uint64_t kQuietNs = 500'000'000;

void ReadAll(Fleet* fleet) {
  uint64_t bytes = 0, since_ns = NowNs();
  while (NowNs() - since_ns < kQuietNs) {
    fleet->Turn(kQuietNs / 10);
    if (bytes == fleet->totals().bytes_received) continue;
    bytes = fleet->totals().bytes_received;
    since_ns = NowNs();
  }
}

// What has become of the messages for those that had stopped, once they read again.
void AddSlow(const std::vector<Link*>& slow, uint64_t sent, Result* result) {
  uint64_t received = 0, told = 0, closed = 0, reordered = 0;
  for (const Link* const link : slow) {
    received += link->check().messages();
    told += link->check().faults().dropped;
    reordered += link->check().faults().reordered + link->check().faults().broken;
    if (!link->is_open()) ++closed;
  }
  const uint64_t accounted = received + told, all = sent * slow.size();
  result->Add("slow_received", static_cast<double>(received));
  result->Add("slow_told_dropped", static_cast<double>(told));
  result->Add("slow_lost_untold", static_cast<double>(all - std::min(all, accounted)));
  result->Add("slow_disconnected", static_cast<double>(closed));
  if (reordered > 0) result->invalid = "a slow subscriber got messages out of order";
}

}  // namespace

absl::StatusOr<Result> Slow(const Options& options, Fleet* fleet) {
  Traffic traffic(options, fleet);
  const std::array<std::string, 1> topic = {"load/topic"};
  Window* const window =
      traffic.AddWindow(Window::OfSlowest(WindowMessages(options), options.subscribers));
  for (size_t i = 0; i < options.subscribers; ++i) {
    const auto added =
        traffic.AddSubscriber(StreamCheck::Expect::kEvery, topic, LookEvery(options, 8), window);
    if (!added.ok()) return added.status();
  }
  std::vector<Link*> slow;
  for (size_t i = 0; i < (options.subscribers + kFastPerSlow - 1) / kFastPerSlow; ++i) {
    const auto added = traffic.AddSubscriber(StreamCheck::Expect::kEvery, topic, 1, nullptr);
    if (!added.ok()) return added.status();
    slow.push_back(*added);
  }
  if (const absl::Status added = traffic.AddPublisher(window, topic); !added.ok()) return added;
  if (const absl::Status started = traffic.Start(); !started.ok()) return started;
  for (Link* const link : slow) {
    link->may_lose = true;
    fleet->StopReading(link);
  }
  const auto rss_before = static_cast<double>(MemoryBytes(options.server_pids, "VmRSS"));
  Result result;
  traffic.Measure(&result);
  const auto rss = static_cast<double>(MemoryBytes(options.server_pids, "VmRSS"));
  traffic.Finish(&result);
  result.Add("rss_bytes_per_slow", (rss - rss_before) / static_cast<double>(slow.size()));
  for (Link* const link : slow) {
    if (link->is_open()) fleet->ReadAgain(link);
  }
  ReadAll(fleet);
  AddSlow(slow, window->sent(), &result);
  return result;
}

}  // namespace esockets::load
