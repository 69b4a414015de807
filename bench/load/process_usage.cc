#include "bench/load/process_usage.h"

#include <sched.h>
#include <time.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

namespace esockets::load {
namespace {

double SecondsOf(clockid_t clock) {
  timespec time{};
  if (::clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

std::string ProcFile(pid_t pid, std::string_view name) {
  return "/proc/" + std::to_string(pid) + "/" + std::string(name);
}

}  // namespace

uint64_t NowNs() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

double CpuSeconds(std::span<const pid_t> pids) {
  double sum = 0;
  for (const pid_t pid : pids) {
    clockid_t clock{};
    if (::clock_getcpuclockid(pid, &clock) == 0) sum += SecondsOf(clock);
  }
  return sum;
}

double OwnCpuSeconds() { return SecondsOf(CLOCK_PROCESS_CPUTIME_ID); }

double WaitedSeconds(std::span<const pid_t> pids) {
  uint64_t ns = 0;
  for (const pid_t pid : pids) {
    std::error_code gone;
    for (const auto& task : std::filesystem::directory_iterator(ProcFile(pid, "task"), gone)) {
      std::ifstream file(task.path() / "schedstat");
      uint64_t ran = 0, waited = 0;
      if (file >> ran >> waited) ns += waited;
    }
  }
  return static_cast<double>(ns) / 1e9;
}

uint64_t MemoryBytes(std::span<const pid_t> pids, std::string_view field) {
  uint64_t kilobytes = 0;
  for (const pid_t pid : pids) {
    std::ifstream file(ProcFile(pid, "status"));
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with(field) && line.substr(field.size(), 1) == ":") {
        kilobytes += std::stoull(line.substr(field.size() + 1));
      }
    }
  }
  return kilobytes * 1024;
}

bool PinToCpu(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<size_t>(cpu), &set);
  return ::sched_setaffinity(0, sizeof set, &set) == 0;
}

}  // namespace esockets::load
