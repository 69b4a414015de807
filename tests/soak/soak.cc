#include "tests/soak/soak.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/strings.h"
#include "bench/load/process_usage.h"
#include "server/sockets.h"
#include "tests/soak/crowd.h"
#include "tests/soak/good_crew.h"
#include "tests/soak/reloads.h"

namespace esockets::soak {
namespace {

// Time is nothing that a test may fail on: this ends what never comes.
constexpr std::chrono::seconds kPatience{120};
constexpr std::chrono::seconds kWarmUpMax{30};
constexpr std::chrono::seconds kReloadInterval{5};

// Beside one for each client that misbehaves: the well-behaved ones, files, listeners, and those of
// the broker that are on their way out.
constexpr size_t kMoreDescriptors = 300;

// How much more memory the broker may hold after the second round than after the first one. The
// allocator's fragments are some of it; a leak of 64 bytes for each connection of ten minutes is
// more.
constexpr uint64_t kMoreMemoryBytes = 16 << 20;

// Gauges of what clients make the broker keep.
constexpr std::array<std::string_view, 10> kGauges = {
    "connections",     "clients",          "subscriptions", "groups",           "group_members",
    "presence_topics", "presence_members", "backlog_bytes", "backlog_messages", "stream_readers"};

double Of(const Figures& figures, std::string_view name) {
  const auto found = figures.find(name);
  return found == figures.end() ? 0 : found->second;
}

std::string Mebibytes(uint64_t bytes) { return base::StrCat(bytes >> 20, " MiB"); }

absl::StatusOr<std::vector<server::SocketAddress>> AddressesOf(
    const std::vector<std::string>& banner) {
  std::vector<server::SocketAddress> addresses;
  for (const std::string& line : banner) {
    for (const std::string_view prefix :
         {"listening on tls://", "listening on ", "administration on http://"}) {
      if (!line.starts_with(prefix)) continue;
      const auto address =
          server::SocketAddress::Parse(std::string_view(line).substr(prefix.size()));
      if (!address.ok()) return address.status();
      addresses.push_back(*address);
      break;
    }
  }
  return addresses;
}

}  // namespace

Soak::Soak(const Options& options)
    : options_(options),
      promises_(options.seed),
      premises_(options.clients * 2 + kMoreDescriptors),
      stage_{.poller = poller_,
             .doors = doors_,
             .premises = premises_,
             .promises = promises_,
             .dice = Dice(options.seed)} {}

absl::Status Soak::StartBroker() {
  const absl::Status started =
      broker_.Start(options_.broker, {base::StrCat("--config=", premises_.config_file())});
  if (!started.ok()) return started;
  const auto addresses = AddressesOf(broker_.banner());
  if (!addresses.ok()) return addresses.status();
  if (addresses->size() != 6) {
    return base::Error(absl::StatusCode::kUnavailable, "the broker listens at ", addresses->size(),
                       " addresses, not 6");
  }
  auto dialer = load::TlsDialer::Make();
  if (!dialer.ok()) return dialer.status();
  dialer_ = *std::move(dialer);
  doors_ = {.native = addresses->at(0),
            .http = addresses->at(1),
            .tls = addresses->at(2),
            .unix_socket = addresses->at(3),
            .narrow = addresses->at(4),
            .administration = addresses->at(5),
            .dialer = dialer_.get()};
  return absl::OkStatus();
}

absl::Status Soak::Run() {
  const size_t descriptors = server::RaiseDescriptorLimit();
  const size_t wanted = options_.clients + kMoreDescriptors;
  if (descriptors < wanted) {
    return base::Error(absl::StatusCode::kResourceExhausted, options_.clients, " clients need ",
                       wanted, " open files, and ", descriptors,
                       " are allowed: raise the hard limit (ulimit -Hn), or take fewer --clients");
  }
  if (const absl::Status started = StartBroker(); !started.ok()) return started;
  start_ = Look();
  started_ = Clock::now();
  TellProgressLater();
  const Clock::duration warm_up = std::min<Clock::duration>(kWarmUpMax, options_.duration / 3);
  PlayRound(1, warm_up);
  const Rest before = ComeToRest();
  PlayRound(2, options_.duration - warm_up);
  const Rest after = ComeToRest();
  Compare(before, after);
  EndBroker();
  return absl::OkStatus();
}

void Soak::PlayRound(uint64_t round, Clock::duration length) {
  GoodCrew good(&stage_, round);
  Crowd crowd(&stage_, options_.clients);
  Reloads reloads(&stage_, &broker_, std::min<Clock::duration>(kReloadInterval, length / 6));
  good_ = good.size();
  crowd_ = &crowd;
  good.Begin();
  crowd.Start();
  reloads.Begin();
  poller_.TurnUntil([this] { return !broker_.is_running(); }, length);
  crowd.Stop();
  poller_.TurnUntil([this] { return stage_.is_settled() || !broker_.is_running(); }, kPatience);
  good.Finish();
  good.Leave();
  crowd_ = nullptr;
  good_ = 0;
  poller_.ForgetTasks();
  TellProgressLater();
}

Soak::Rest Soak::Look() {
  // First: the connection that asks for the metrics is one, too.
  Rest rest{.figures = {}, .descriptors = Descriptors(broker_.pid())};
  auto figures = ReadMetrics(doors_.administration, kOperatorToken);
  if (figures.ok()) rest.figures = *std::move(figures);
  const std::array pids = {broker_.pid()};
  const auto streams = static_cast<uint64_t>(Of(rest.figures, "stream_memory_bytes"));
  rest.memory_bytes = load::MemoryBytes(pids, "VmRSS");
  rest.memory_bytes -= std::min(rest.memory_bytes, streams);
  return rest;
}

std::string Soak::WhatIsLeft(const Rest& rest) const {
  std::string left;
  if (rest.figures.empty()) return " no answer from /metrics";
  for (const std::string_view gauge : kGauges) {
    const double now = Of(rest.figures, gauge), before = Of(start_.figures, gauge);
    if (now != before) base::StrAppend(&left, " ", gauge, " ", now, " instead of ", before);
  }
  return left;
}

Soak::Rest Soak::ComeToRest() {
  Rest rest;
  poller_.TurnUntil(
      [&] {
        rest = Look();
        return !broker_.is_running() ||
               (WhatIsLeft(rest).empty() && rest.descriptors == start_.descriptors);
      },
      kPatience);
  promises_.Judge(Promise::kGauges, WhatIsLeft(rest));
  promises_.Judge(Promise::kDescriptors, rest.descriptors == start_.descriptors
                                             ? std::string()
                                             : base::StrCat("expected ", start_.descriptors,
                                                            ", open are ", rest.descriptors));
  WaitForMemory(&rest);
  return rest;
}

void Soak::WaitForMemory(Rest* rest) {
  constexpr std::chrono::seconds kStill{2};
  Clock::time_point changed = Clock::now();
  poller_.TurnUntil(
      [&] {
        const Rest now = Look();
        if (now.memory_bytes < rest->memory_bytes) {
          rest->memory_bytes = now.memory_bytes;
          changed = Clock::now();
        }
        return Clock::now() - changed > kStill;
      },
      kPatience);
}

void Soak::Compare(const Rest& before, const Rest& after) {
  if (kIsSanitized) {
    return promises_.Skip(Promise::kMemory, "sanitizers keep memory of their own");
  }
  const uint64_t allowed = before.memory_bytes + kMoreMemoryBytes;
  const std::string figures =
      base::StrCat("start ", Mebibytes(start_.memory_bytes), ", after the warm-up ",
                   Mebibytes(before.memory_bytes), ", at the end ", Mebibytes(after.memory_bytes),
                   ", at most ", Mebibytes(allowed), " allowed");
  promises_.Judge(Promise::kMemory, after.memory_bytes <= allowed ? "" : figures);
  std::printf("\nconnections: %llu, of these connected %llu; messages: %llu, checked %llu\n",
              static_cast<unsigned long long>(stage_.counters.opened),
              static_cast<unsigned long long>(stage_.counters.connects),
              static_cast<unsigned long long>(stage_.counters.messages),
              static_cast<unsigned long long>(stage_.counters.messages_checked));
  std::printf("memory: %s\ndescriptors: start %zu, after the warm-up %zu, at the end %zu\n",
              figures.c_str(), start_.descriptors, before.descriptors, after.descriptors);
}

void Soak::EndBroker() {
  broker_.Signal(SIGTERM);
  const std::optional<int> code = broker_.WaitForEnd(static_cast<int>(kPatience.count()));
  promises_.Judge(Promise::kEnding, code == 0 ? std::string()
                                    : code ? base::StrCat("exit code ", *code, "\n", broker_.Tail())
                                           : "it still runs after SIGTERM");
  std::string complaints;
  for (const std::string& line : broker_.Complaints()) complaints += "\n" + line;
  promises_.Judge(Promise::kEnding, complaints);
}

void Soak::TellProgressLater() {
  const std::chrono::seconds interval{::isatty(STDOUT_FILENO) != 0 ? 2 : 10};
  poller_.After(interval, [this] {
    TellProgress();
    TellProgressLater();
  });
}

void Soak::TellProgress() {
  const auto elapsed = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - started_);
  const std::array pids = {broker_.pid()};
  const Counters& counters = stage_.counters;
  const std::string line = base::StrCat(
      elapsed.count(), "/", options_.duration.count(), " s  clients ",
      (crowd_ == nullptr ? 0 : crowd_->connections()) + good_, "  connects ", counters.connects,
      " of ", counters.opened, "  messages ", counters.messages, "  checked ", promises_.checked(),
      "  broken ", promises_.broken(), "  RSS ", Mebibytes(load::MemoryBytes(pids, "VmRSS")),
      "  descriptors ", Descriptors(broker_.pid()));
  const bool is_terminal = ::isatty(STDOUT_FILENO) != 0;
  std::printf(is_terminal ? "\r\x1b[K%s" : "%s\n", line.c_str());
  std::fflush(stdout);
}

}  // namespace esockets::soak
