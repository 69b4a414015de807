#include "bench/load/meter.h"

#include <unistd.h>

#include <array>
#include <cstdio>

#include "base/strings.h"
#include "bench/load/process_usage.h"

namespace esockets::load {
namespace {

constexpr uint64_t kShowEveryNs = 200'000'000;

// Shares of one CPU above which a process has nothing left, and below which it has.
constexpr double kFull = 0.95;
constexpr double kRoom = 0.90;

// A CPU that a neighbour had was not the process's to use.
double ShareOf(double cpu_s, double waited_s, double seconds) {
  const double own_seconds = seconds - waited_s;
  return own_seconds > 0 ? cpu_s / own_seconds : 0;
}

const char* Bottleneck(double server, double generator) {
  if (server >= kRoom) return "server";
  return generator >= kFull ? "generator" : "neither";
}

}  // namespace

void Meter::Run(std::string_view unit, const Load& load, Result* result) {
  const Sample from = TurnFor(options_.warm_up_seconds, "warming up", load);
  const Sample to = TurnFor(options_.seconds, "measuring", load);

  const double seconds = static_cast<double>(to.at_ns - from.at_ns) / 1e9;
  const auto done = static_cast<double>(to.done - from.done);
  const double server_cpu_s = to.server_cpu_s - from.server_cpu_s;
  const double server_waited_s = to.server_waited_s - from.server_waited_s;
  const double own_waited_s = to.own_waited_s - from.own_waited_s;
  const double server_share = ShareOf(server_cpu_s, server_waited_s, seconds);
  const double own_cpu_s = to.own_cpu_s - from.own_cpu_s - (to.own_idle_s - from.own_idle_s);
  const double own_share = ShareOf(own_cpu_s, own_waited_s, seconds);
  const auto bytes = static_cast<double>(to.bytes - from.bytes);
  result->Add("seconds", seconds);
  result->Add("done", done);
  result->Add("per_s", done / seconds);
  if (!options_.server_pids.empty()) {
    result->Add(base::StrCat("server_cpu_us_per_", unit), done > 0 ? server_cpu_s * 1e6 / done : 0);
    result->Add("server_cpu_share", server_share);
    result->Add("server_waited_share", server_waited_s / seconds);
  }
  result->Add("generator_cpu_share", own_share);
  result->Add("generator_waited_share", own_waited_s / seconds);
  result->Add(
      "looked_at_share",
      bytes > 0 ? static_cast<double>(to.bytes_looked_at - from.bytes_looked_at) / bytes : 0);
  result->bottleneck = Bottleneck(server_share, own_share);
}

Meter::Sample Meter::TurnFor(double seconds, std::string_view what, const Load& load) {
  const bool terminal = ::isatty(STDERR_FILENO) == 1;
  const uint64_t end_ns = NowNs() + static_cast<uint64_t>(seconds * 1e9);
  uint64_t shown_ns = NowNs(), shown = 0, done = 0;
  for (uint64_t now_ns = NowNs(); now_ns < end_ns; now_ns = NowNs()) {
    done = load();
    if (!terminal || now_ns - shown_ns < kShowEveryNs) continue;
    Show(what, static_cast<double>(end_ns - now_ns) / 1e9,
         static_cast<double>(done - shown) * 1e9 / static_cast<double>(now_ns - shown_ns));
    shown_ns = now_ns;
    shown = done;
  }
  if (terminal) std::fputs("\r\033[K", stderr);
  const std::array<pid_t, 1> self = {::getpid()};
  return {.at_ns = NowNs(),
          .done = done,
          .bytes = fleet_.totals().bytes_received,
          .bytes_looked_at = fleet_.totals().bytes_looked_at,
          .server_cpu_s = CpuSeconds(options_.server_pids),
          .own_cpu_s = OwnCpuSeconds(),
          .own_idle_s = static_cast<double>(fleet_.idle_ns()) / 1e9,
          .server_waited_s = WaitedSeconds(options_.server_pids),
          .own_waited_s = WaitedSeconds(self)};
}

void Meter::Show(std::string_view what, double left_s, double rate) const {
  std::fprintf(stderr, "\r\033[K%s: %.*s, %.1f s left, %.0f/s", options_.scenario.c_str(),
               static_cast<int>(what.size()), what.data(), left_s, rate);
  std::fflush(stderr);
}

}  // namespace esockets::load
