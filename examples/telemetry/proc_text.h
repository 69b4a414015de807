// The kernel's texts, as counters. Each function reads one file's text and leaves out lines that it
// cannot read: kernels differ in how many fields they write. Formats: proc(5), and
// Documentation/admin-guide/iostats.rst of the kernel.
#ifndef EXAMPLES_TELEMETRY_PROC_TEXT_H_
#define EXAMPLES_TELEMETRY_PROC_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace esockets::telemetry {

// Ticks since the machine started.
struct CpuTicks {
  uint64_t busy = 0;
  uint64_t total = 0;
};

// /proc/stat: all cores together first, then each of them. Empty if it is no such text.
std::vector<CpuTicks> ParseStat(std::string_view text);

// Means over 1, 5 and 15 minutes.
struct LoadAverages {
  double minutes_1 = 0;
  double minutes_5 = 0;
  double minutes_15 = 0;
};

// /proc/loadavg.
LoadAverages ParseLoadAverages(std::string_view text);

// Bytes.
struct MemoryBytes {
  uint64_t total = 0;
  uint64_t available = 0;
  uint64_t swap_total = 0;
  uint64_t swap_free = 0;
};

// /proc/meminfo.
MemoryBytes ParseMeminfo(std::string_view text);

// Since the machine started.
struct DiskCounters {
  std::string name;
  uint64_t read_bytes = 0;
  uint64_t write_bytes = 0;
  uint64_t busy_ms = 0;
};

// /proc/diskstats: whole devices, partitions, and those that exist in memory alone.
std::vector<DiskCounters> ParseDiskstats(std::string_view text);

// Since the machine started.
struct InterfaceCounters {
  std::string name;
  uint64_t receive_bytes = 0;
  uint64_t send_bytes = 0;
};

// /proc/net/dev.
std::vector<InterfaceCounters> ParseNetDev(std::string_view text);

}  // namespace esockets::telemetry

#endif  // EXAMPLES_TELEMETRY_PROC_TEXT_H_
