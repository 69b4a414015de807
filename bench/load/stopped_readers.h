// Subscribers that stop reading while others go on, and what becomes of the messages for them.
#ifndef BENCH_LOAD_STOPPED_READERS_H_
#define BENCH_LOAD_STOPPED_READERS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bench/load/fleet.h"
#include "bench/load/link.h"
#include "bench/load/result.h"
#include "bench/load/traffic.h"

namespace esockets::load {

class StoppedReaders {
 public:
  explicit StoppedReaders(Fleet* fleet) : fleet_(*fleet) {}

  // So many more, who read until Stop. No window waits for them.
  absl::Status Add(size_t count, std::span<const std::string> filters, Traffic* traffic);

  // From now on they read nothing, and what they lose is not the run's fault.
  void Stop();

  // They read again, to the end. Adds what has become of the `sent` messages for each of them.
  void ReadAgain(uint64_t sent, Result* result);

  size_t size() const { return links_.size(); }

 private:
  void ReadAll();

  Fleet& fleet_;
  std::vector<Link*> links_;
};

}  // namespace esockets::load

#endif  // BENCH_LOAD_STOPPED_READERS_H_
