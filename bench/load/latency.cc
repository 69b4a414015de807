#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/strings.h"
#include "bench/load/meter.h"
#include "bench/load/process_usage.h"
#include "bench/load/publisher.h"
#include "bench/load/scenarios.h"
#include "bench/load/stopped_readers.h"
#include "bench/load/storm.h"
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

// Publishes when a message is due, whether its receivers keep up or not. Once it is warm, those
// who shall stop do, and times are noted.
class OpenLoop {
 public:
  OpenLoop(const Options& options, Fleet* fleet, Publisher* publisher, StoppedReaders* stopped,
           Storm* storm)
      : options_(options),
        fleet_(*fleet),
        publisher_(*publisher),
        stopped_(*stopped),
        storm_(*storm),
        interval_ns_(static_cast<uint64_t>(1e9 / options.rate)),
        due_ns_(NowNs() + interval_ns_),
        warm_ns_(due_ns_ + static_cast<uint64_t>(options.warm_up_seconds * 1e9)) {}

  // Publishes what is due, then waits until the next is.
  void Turn() {
    uint64_t now_ns = NowNs();
    for (; due_ns_ <= now_ns; due_ns_ += interval_ns_, now_ns = NowNs()) {
      if (due_ns_ >= warm_ns_) {
        if (late_us_.empty()) BecomeWarm();
        late_us_.push_back(static_cast<float>(now_ns - due_ns_) / 1e3F);
      }
      publisher_.PublishOne(due_ns_);
    }
    fleet_.Turn(due_ns_ - std::min(due_ns_, NowNs()));
  }

  // REQUIRES: those who have stopped have not begun to read again.
  void AddMemory(Result* result) const {
    result->Add("rss_growth_bytes", rss_bytes() - warm_rss_bytes_);
  }

  void AddTimes(Result* result) {
    AddPercentiles("latency", &latencies_us_, result);
    // What the generator itself was late by.
    AddPercentiles("sent_late", &late_us_, result);
  }

 private:
  void BecomeWarm() {
    warm_rss_bytes_ = rss_bytes();
    stopped_.Stop();
    storm_.Note();
    fleet_.totals().latencies_us = &latencies_us_;
  }
  double rss_bytes() const {
    return static_cast<double>(MemoryBytes(options_.server_pids, "VmRSS"));
  }

  const Options& options_;
  Fleet& fleet_;
  Publisher& publisher_;
  StoppedReaders& stopped_;
  Storm& storm_;
  const uint64_t interval_ns_;
  uint64_t due_ns_;  // of the next message
  const uint64_t warm_ns_;
  double warm_rss_bytes_ = 0;
  std::vector<float> latencies_us_;
  std::vector<float> late_us_;
};

}  // namespace

absl::StatusOr<Result> Latency(const Options& options, Fleet* fleet) {
  if (options.stopped >= options.subscribers) {
    return base::Error(absl::StatusCode::kInvalidArgument, "nobody is left who reads");
  }
  ::prctl(PR_SET_TIMERSLACK, 1UL);  // or each wait would end up to 50 us late
  Traffic traffic(options, fleet);
  StoppedReaders stopped(fleet);
  const std::array<std::string, 1> topic = {"load/topic"};
  const size_t readers = options.subscribers - options.stopped;
  Window* const window = traffic.AddWindow(Window::OfSlowest(kNoWindow, readers));
  for (size_t i = 0; i < readers; ++i) {
    const auto added = traffic.AddSubscriber(StreamCheck::Expect::kEvery, topic, 1, window);
    if (!added.ok()) return added.status();
  }
  absl::Status added = stopped.Add(options.stopped, topic, &traffic);
  if (added.ok()) added = traffic.AddPublisher(window, topic);
  if (!added.ok()) return added;
  if (const absl::Status started = traffic.Start(); !started.ok()) return started;

  Storm storm(fleet->target(), options.storm);
  while (options.storm > 0 && !storm.has_begun()) fleet->Turn(1'000'000);
  OpenLoop loop(options, fleet, &traffic.publishers().front(), &stopped, &storm);
  Result result;
  Meter(options, fleet)
      .Run(
          "delivery",
          [&] {
            loop.Turn();
            return fleet->totals().deliveries;
          },
          &result);
  loop.AddMemory(&result);
  traffic.Finish(&result);
  storm.AddRate(&result);
  loop.AddTimes(&result);
  if (options.stopped > 0) stopped.ReadAgain(window->sent(), &result);
  return result;
}

}  // namespace esockets::load
