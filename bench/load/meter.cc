#include "bench/load/meter.h"

#include <unistd.h>

#include <array>
#include <cstdio>

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

void Meter::Run(const std::function<void()>& turn, Result* result) {
  TurnFor(options_.warm_up_seconds, "warming up", turn);
  const Sample from = Take();
  TurnFor(options_.seconds, "measuring", turn);
  const Sample to = Take();

  const double seconds = static_cast<double>(to.at_ns - from.at_ns) / 1e9;
  const auto deliveries = static_cast<double>(to.deliveries - from.deliveries);
  const double server_cpu_s = to.server_cpu_s - from.server_cpu_s;
  const double server_waited_s = to.server_waited_s - from.server_waited_s;
  const double own_waited_s = to.own_waited_s - from.own_waited_s;
  const double server_share = ShareOf(server_cpu_s, server_waited_s, seconds);
  const double own_share = ShareOf(to.own_cpu_s - from.own_cpu_s, own_waited_s, seconds);
  const auto bytes = static_cast<double>(to.bytes - from.bytes);
  result->Add("seconds", seconds);
  result->Add("deliveries", deliveries);
  result->Add("deliveries_per_s", deliveries / seconds);
  if (!options_.server_pids.empty()) {
    result->Add("server_cpu_us_per_delivery", deliveries > 0 ? server_cpu_s * 1e6 / deliveries : 0);
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

Meter::Sample Meter::Take() const {
  const std::array<pid_t, 1> self = {::getpid()};
  const Totals& totals = fleet_.totals();
  return {.at_ns = NowNs(),
          .deliveries = totals.deliveries,
          .bytes = totals.bytes_received,
          .bytes_looked_at = totals.bytes_looked_at,
          .server_cpu_s = CpuSeconds(options_.server_pids),
          .own_cpu_s = OwnCpuSeconds(),
          .server_waited_s = WaitedSeconds(options_.server_pids),
          .own_waited_s = WaitedSeconds(self)};
}

void Meter::TurnFor(double seconds, std::string_view what, const std::function<void()>& turn) {
  const bool terminal = ::isatty(STDERR_FILENO) == 1;
  const uint64_t end_ns = NowNs() + static_cast<uint64_t>(seconds * 1e9);
  uint64_t shown_ns = NowNs(), deliveries = fleet_.totals().deliveries;
  for (uint64_t now_ns = NowNs(); now_ns < end_ns; now_ns = NowNs()) {
    turn();
    if (!terminal || now_ns - shown_ns < kShowEveryNs) continue;
    Show(what, static_cast<double>(end_ns - now_ns) / 1e9,
         static_cast<double>(fleet_.totals().deliveries - deliveries) * 1e9 /
             static_cast<double>(now_ns - shown_ns));
    shown_ns = now_ns;
    deliveries = fleet_.totals().deliveries;
  }
  if (terminal) std::fputs("\r\033[K", stderr);
}

void Meter::Show(std::string_view what, double left_s, double rate) const {
  std::fprintf(stderr, "\r\033[K%s: %.*s, %.1f s left, %.0f deliveries/s",
               options_.scenario.c_str(), static_cast<int>(what.size()), what.data(), left_s, rate);
  std::fflush(stderr);
}

}  // namespace esockets::load
