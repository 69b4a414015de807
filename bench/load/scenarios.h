// The kinds of work a broker is measured with. Each connects its clients, warms up, measures, and
// waits until everything that was sent has arrived.
#ifndef BENCH_LOAD_SCENARIOS_H_
#define BENCH_LOAD_SCENARIOS_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "bench/load/fleet.h"
#include "bench/load/options.h"
#include "bench/load/result.h"

namespace esockets::load {

// Errors: the broker does not answer, or closes connections.
using Scenario = absl::StatusOr<Result> (*)(const Options& options, Fleet* fleet);

// One publisher, `subscribers` of one topic; at most `window` messages under way.
absl::StatusOr<Result> FanOut(const Options& options, Fleet* fleet);

// `pairs` times: one publisher, one topic, one subscriber.
absl::StatusOr<Result> ManyToMany(const Options& options, Fleet* fleet);

}  // namespace esockets::load

#endif  // BENCH_LOAD_SCENARIOS_H_
