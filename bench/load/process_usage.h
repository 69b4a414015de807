// What processes have used of the machine.
#ifndef BENCH_LOAD_PROCESS_USAGE_H_
#define BENCH_LOAD_PROCESS_USAGE_H_

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string_view>

namespace esockets::load {

// Nanoseconds of the monotonic clock.
uint64_t NowNs();

// CPU seconds of all threads of the processes, in user space and in the kernel: what fields 14 and
// 15 of /proc/PID/stat say, without being rounded to 10 ms. 0 for a process that is gone.
double CpuSeconds(std::span<const pid_t> pids);
double OwnCpuSeconds();

// Seconds that the processes' threads waited for a CPU that another one had (/proc/PID/task/*/
// schedstat): what neighbours on this machine took.
double WaitedSeconds(std::span<const pid_t> pids);

// Bytes of a field of /proc/PID/status, summed: "VmRSS" or "RssAnon".
uint64_t MemoryBytes(std::span<const pid_t> pids, std::string_view field);

// Puts this process on one CPU. False if there is no such CPU.
bool PinToCpu(int cpu);

}  // namespace esockets::load

#endif  // BENCH_LOAD_PROCESS_USAGE_H_
