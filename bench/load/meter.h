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

  // Warms up, then measures, then stops measuring; `turn` is the load: one turn of the fleet and
  // what is to be done after it. Adds deliveries, rate, CPU time and who was the bottleneck.
  void Run(const std::function<void()>& turn, Result* result);

 private:
  struct Sample {
    uint64_t at_ns = 0;
    uint64_t deliveries = 0;
    uint64_t bytes = 0;
    uint64_t bytes_looked_at = 0;
    double server_cpu_s = 0;
    double own_cpu_s = 0;
    double server_waited_s = 0;
    double own_waited_s = 0;
  };

  Sample Take() const;
  void TurnFor(double seconds, std::string_view what, const std::function<void()>& turn);
  void Show(std::string_view what, double left_s, double rate) const;

  const Options& options_;
  Fleet& fleet_;
};

}  // namespace esockets::load

#endif  // BENCH_LOAD_METER_H_
