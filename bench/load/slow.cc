#include <array>
#include <string>

#include "bench/load/process_usage.h"
#include "bench/load/scenarios.h"
#include "bench/load/stopped_readers.h"
#include "bench/load/traffic.h"

namespace esockets::load {
namespace {

constexpr size_t kFastPerSlow = 10;

}  // namespace

absl::StatusOr<Result> Slow(const Options& options, Fleet* fleet) {
  Traffic traffic(options, fleet);
  StoppedReaders slow(fleet);
  const std::array<std::string, 1> topic = {"load/topic"};
  Window* const window =
      traffic.AddWindow(Window::OfSlowest(WindowMessages(options), options.subscribers));
  for (size_t i = 0; i < options.subscribers; ++i) {
    const auto added =
        traffic.AddSubscriber(StreamCheck::Expect::kEvery, topic, LookEvery(options, 8), window);
    if (!added.ok()) return added.status();
  }
  const size_t stopped = (options.subscribers + kFastPerSlow - 1) / kFastPerSlow;
  if (const absl::Status added = slow.Add(stopped, topic, &traffic); !added.ok()) return added;
  if (const absl::Status added = traffic.AddPublisher(window, topic); !added.ok()) return added;
  if (const absl::Status started = traffic.Start(); !started.ok()) return started;
  slow.Stop();
  const auto rss_before = static_cast<double>(MemoryBytes(options.server_pids, "VmRSS"));
  Result result;
  traffic.Measure(&result);
  const auto rss = static_cast<double>(MemoryBytes(options.server_pids, "VmRSS"));
  traffic.Finish(&result);
  result.Add("rss_bytes_per_slow", (rss - rss_before) / static_cast<double>(slow.size()));
  slow.ReadAgain(window->sent(), &result);
  return result;
}

}  // namespace esockets::load
