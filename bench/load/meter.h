// Runs the load for a while and measures what the broker used for it.
#ifndef BENCH_LOAD_METER_H_
#define BENCH_LOAD_METER_H_

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "bench/load/fleet.h"
#include "bench/load/options.h"
#include "bench/load/result.h"

namespace esockets::load {

class Meter {
 public:
  Meter(const Options& options, Fleet* fleet) : options_(options), fleet_(*fleet) {}

  // One turn of the fleet and what is to be done beside it. Returns how much was done so far.
  using Load = std::function<uint64_t()>;

  // Warms up, then measures. Adds how many `unit`s were done, their rate and CPU time, and who was
  // the bottleneck.
  void Run(std::string_view unit, const Load& load, Result* result);

 private:
  struct Sample {
    uint64_t at_ns = 0;
    uint64_t done = 0;
    uint64_t bytes = 0;
    uint64_t bytes_looked_at = 0;
    double server_cpu_s = 0;
    double own_cpu_s = 0;
    double own_idle_s = 0;  // of it, asking for events that had not come
    double server_waited_s = 0;
    double own_waited_s = 0;
  };

  Sample TurnFor(double seconds, std::string_view what, const Load& load);
  void Show(std::string_view what, double left_s, double rate) const;

  const Options& options_;
  Fleet& fleet_;
};

}  // namespace esockets::load

#endif  // BENCH_LOAD_METER_H_
