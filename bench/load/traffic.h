// Publishers with their windows, and how a flow-controlled scenario runs.
#ifndef BENCH_LOAD_TRAFFIC_H_
#define BENCH_LOAD_TRAFFIC_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/load/fleet.h"
#include "bench/load/options.h"
#include "bench/load/publisher.h"
#include "bench/load/result.h"
#include "bench/load/stream_check.h"
#include "bench/load/window.h"

namespace esockets::load {

// Payload bytes under way for one subscriber: below what any of the brokers takes for slow.
inline constexpr uint64_t kWindowBytes = 128 << 10;

// options.window, or what suits the payload.
uint64_t WindowMessages(const Options& options);

// options.look_every, or `otherwise`.
uint32_t LookEvery(const Options& options, uint32_t otherwise);

class Traffic {
 public:
  Traffic(const Options& options, Fleet* fleet) : options_(options), fleet_(*fleet) {}

  // A subscriber of the filters. Its answers are awaited in Start.
  absl::StatusOr<Link*> AddSubscriber(StreamCheck::Expect expect,
                                      std::span<const std::string> filters, uint32_t look_every,
                                      Window* window);

  // A publisher with a window of its own, which stays where it is.
  Window* AddWindow(Window window);
  absl::Status AddPublisher(Window* window, std::span<const std::string> topics, size_t number = 0);

  // Everybody is connected and subscribed.
  absl::Status Start();

  // Starts, measures with windows always full, finishes.
  absl::StatusOr<Result> RunFull();

  // Keeps windows full until so many more messages were delivered.
  absl::Status Deliver(uint64_t messages);

  // Measures with windows always full.
  void Measure(Result* result);

  // Waits until everything sent has arrived; counts as lost what does not. Fills the result's
  // faults and whether it is valid.
  void Finish(Result* result);

  std::vector<Publisher>& publishers() { return publishers_; }

 private:
  // All publishers in turn, until windows or kernel are full.
  void Pump();

  const Options& options_;
  Fleet& fleet_;
  std::vector<std::unique_ptr<Window>> windows_;
  std::vector<Publisher> publishers_;
  size_t first_ = 0;  // to pump: another one each time, for those that share a window
  uint64_t subscriptions_ = 0;
  // Sent once the Connect of the same link was accepted.
  std::vector<std::pair<Link*, std::string>> requests_;
};

}  // namespace esockets::load

#endif  // BENCH_LOAD_TRAFFIC_H_
