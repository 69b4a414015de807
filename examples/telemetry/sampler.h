// Reads this machine's figures from /proc and /sys.
#ifndef EXAMPLES_TELEMETRY_SAMPLER_H_
#define EXAMPLES_TELEMETRY_SAMPLER_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "examples/telemetry/proc_text.h"
#include "examples/telemetry/telemetry.pb.h"

namespace esockets::telemetry {

// One moment's figures.
struct Sample {
  Cpu cpu;
  Memory memory;
  Disk disk;
  Network network;
};

// Thread: one.
class Sampler {
 public:
  // Reads the counters that the first sample's rates start from. `root` stands before "/proc" and
  // "/sys": empty, or a test's folder.
  explicit Sampler(const base::Clock* clock, std::string root = "");

  // What has happened since the call before.
  Sample Next();

 private:
  struct Counters {
    base::TimePoint time{};
    std::vector<CpuTicks> cpus;
    std::map<std::string, DiskCounters> disks;
    std::map<std::string, InterfaceCounters> interfaces;
  };

  std::string Read(std::string_view path) const;
  Counters ReadCounters() const;
  Memory ReadMemory() const;
  // From `before` to last_.
  Cpu CpuSince(const Counters& before) const;
  Disk DiskSince(const Counters& before) const;
  Network NetworkSince(const Counters& before) const;
  // Real, or virtual hardware: not a loop device, RAM disk or partition.
  bool IsDevice(const std::string& disk) const;
  bool IsUp(const std::string& interface) const;

  const base::Clock* const clock_;
  const std::string root_;
  Counters last_;
};

}  // namespace esockets::telemetry

#endif  // EXAMPLES_TELEMETRY_SAMPLER_H_
