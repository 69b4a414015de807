#include <cmath>
#include <string>

#include "base/strings.h"
#include "bench/load/process_usage.h"
#include "bench/load/scenarios.h"

namespace esockets::load {
namespace {

constexpr uint64_t kSecondNs = 1'000'000'000;

void TurnFor(uint64_t ns, Fleet* fleet) {
  const uint64_t end_ns = NowNs() + ns;
  for (uint64_t now_ns = NowNs(); now_ns < end_ns; now_ns = NowNs()) fleet->Turn(end_ns - now_ns);
}

// Connects one client, with its Subscribe in its first packet.
absl::Status AddClient(size_t number, Fleet* fleet) {
  std::string subscribe;
  fleet->protocol().append_subscribe(100'000, base::StrCat("load/idle/", 1'000'000 + number),
                                     &subscribe);
  return fleet->Add(StreamCheck::Expect::kEvery, subscribe).status();
}

}  // namespace

absl::StatusOr<Result> Idle(const Options& options, Fleet* fleet) {
  const auto all_subscribed = [&] { return fleet->totals().subscribed >= fleet->links().size(); };
  // The first clients make the broker get what it needs once: buffers, and its allocator's caches.
  constexpr size_t kFirst = 1000;
  for (size_t i = 0; i < kFirst; ++i) {
    if (const absl::Status added = AddClient(i, fleet); !added.ok()) return added;
  }
  if (const absl::Status done = fleet->TurnUntil("Subscribe", all_subscribed); !done.ok()) {
    return done;
  }
  const auto rss_before = static_cast<double>(MemoryBytes(options.server_pids, "VmRSS"));
  const double cpu_before = CpuSeconds(options.server_pids);
  const uint64_t from_ns = NowNs();
  for (size_t i = 0; i < options.clients; ++i) {
    if (const absl::Status added = AddClient(kFirst + i, fleet); !added.ok()) return added;
  }
  if (const absl::Status done = fleet->TurnUntil("Subscribe", all_subscribed); !done.ok()) {
    return done;
  }
  const double seconds = static_cast<double>(NowNs() - from_ns) / 1e9;
  const double connect_cpu_s = CpuSeconds(options.server_pids) - cpu_before;
  const auto clients = static_cast<double>(options.clients);
  Result result;
  result.bottleneck = connect_cpu_s / seconds >= 0.9 ? "server" : "generator";
  result.Add("clients", clients);
  result.Add("per_s", clients / seconds);
  if (!options.server_pids.empty()) {
    result.Add("server_cpu_us_per_connect", connect_cpu_s * 1e6 / clients);
    TurnFor(kSecondNs / 2, fleet);  // what connecting has left to do
    const auto rss = static_cast<double>(MemoryBytes(options.server_pids, "VmRSS"));
    result.Add("rss_bytes_per_client", (rss - rss_before) / clients);
    const double idle_from = CpuSeconds(options.server_pids);
    TurnFor(kSecondNs, fleet);
    result.Add("idle_cpu_ms_per_s", (CpuSeconds(options.server_pids) - idle_from) * 1e3);
  }
  result.faults = fleet->faults();
  if (fleet->totals().closed > 0) result.invalid = "the broker closed connections";
  return result;
}

}  // namespace esockets::load
