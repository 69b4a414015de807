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

// `literals` subscriptions of one topic each, `wildcards` of one group of them each, spread over
// clients; each publish, by one of `publishers` to any of the topics, has one of each kind: two
// deliveries.
absl::StatusOr<Result> Wildcard(const Options& options, Fleet* fleet);

// One publisher sends `rate` messages a second to `subscribers`, whether they keep up or not: the
// time from when each was due until it is received. `stopped` of them read nothing meanwhile: what
// that does to the others, to the broker's memory, and what they get when they read again. `storm`:
// how many new clients are connecting at any time meanwhile.
absl::StatusOr<Result> Latency(const Options& options, Fleet* fleet);

// `clients` connect, subscribe to a filter of their own each, and do nothing.
absl::StatusOr<Result> Idle(const Options& options, Fleet* fleet);

// `clients` connect, and as soon as one is in it ends and another one connects: what it costs to
// let one in.
absl::StatusOr<Result> Reconnect(const Options& options, Fleet* fleet);

// `clients` subscribe and unsubscribe, while `literals` subscriptions of others stand.
absl::StatusOr<Result> Churn(const Options& options, Fleet* fleet);

// Fan-out while one more subscriber in ten has stopped reading.
absl::StatusOr<Result> Slow(const Options& options, Fleet* fleet);

// To one subscriber at a time, and each at full speed: `messages` on a topic that no stream keeps;
// as many on one that a stream keeps; and these once more, to one who comes later. What the broker
// keeps for each.
absl::StatusOr<Result> Replay(const Options& options, Fleet* fleet);

}  // namespace esockets::load

#endif  // BENCH_LOAD_SCENARIOS_H_
