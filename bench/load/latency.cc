#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "bench/load/meter.h"
#include "bench/load/process_usage.h"
#include "bench/load/scenarios.h"
#include "bench/load/traffic.h"

namespace esockets::load {
namespace {

// Without a window: more than can ever be under way.
constexpr uint64_t kNoWindow = uint64_t{1} << 40;

double Percentile(std::vector<float>* values, double share) {
  if (values->empty()) return 0;
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values->size() - 1));
  std::nth_element(values->begin(), values->begin() + at, values->end());
  return static_cast<double>((*values)[static_cast<size_t>(at)]);
}

void AddPercentiles(std::string_view name, std::vector<float>* values, Result* result) {
  result->Add(std::string(name) + "_p50_us", Percentile(values, 0.50));
  result->Add(std::string(name) + "_p99_us", Percentile(values, 0.99));
  result->Add(std::string(name) + "_max_us", Percentile(values, 1));
}

}  // namespace

absl::StatusOr<Result> Latency(const Options& options, Fleet* fleet) {
  ::prctl(PR_SET_TIMERSLACK, 1UL);  // or each wait would end up to 50 us late
  Traffic traffic(options, fleet);
  const std::array<std::string, 1> topic = {"load/topic"};
  Window* const window = traffic.AddWindow(Window::OfSlowest(kNoWindow, options.subscribers));
  for (size_t i = 0; i < options.subscribers; ++i) {
    const auto added = traffic.AddSubscriber(StreamCheck::Expect::kEvery, topic, 1, window);
    if (!added.ok()) return added.status();
  }
  if (const absl::Status added = traffic.AddPublisher(window, topic); !added.ok()) return added;
  if (const absl::Status started = traffic.Start(); !started.ok()) return started;

  Publisher& publisher = traffic.publishers().front();
  std::vector<float> latencies_us, late_us;
  const auto interval_ns = static_cast<uint64_t>(1e9 / options.rate);
  const uint64_t started_ns = NowNs();
  uint64_t due_ns = started_ns + interval_ns;
  const uint64_t warm_ns = started_ns + static_cast<uint64_t>(options.warm_up_seconds * 1e9);
  Result result;
  Meter(options, fleet)
      .Run(
          "delivery",
          [&] {
            uint64_t now_ns = NowNs();
            for (; due_ns <= now_ns; due_ns += interval_ns, now_ns = NowNs()) {
              if (due_ns < warm_ns) {
                publisher.PublishOne(due_ns);
                continue;
              }
              fleet->totals().latencies_us = &latencies_us;
              late_us.push_back(static_cast<float>(now_ns - due_ns) / 1e3F);
              publisher.PublishOne(due_ns);
            }
            fleet->Turn(due_ns - std::min(due_ns, NowNs()));
            return fleet->totals().deliveries;
          },
          &result);
  traffic.Finish(&result);
  AddPercentiles("latency", &latencies_us, &result);
  // What the generator itself was late by.
  AddPercentiles("sent_late", &late_us, &result);
  return result;
}

}  // namespace esockets::load
