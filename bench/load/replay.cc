#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/strings.h"
#include "bench/load/process_usage.h"
#include "bench/load/scenarios.h"
#include "bench/load/traffic.h"

namespace esockets::load {
namespace {

// As in fan-out.
constexpr uint32_t kLookEvery = 8;

constexpr std::string_view kPlainTopic = "else/topic";
constexpr std::string_view kStreamTopic = "load/topic";

// What the broker and the clock on the wall took from here on.
class Stretch {
 public:
  explicit Stretch(const Options& options) : options_(options) {}

  // Returns messages a second.
  double AddTo(std::string_view name, uint64_t messages, Result* result) const {
    const double seconds = static_cast<double>(NowNs() - from_ns_) / 1e9;
    const double cpu_s = CpuSeconds(options_.server_pids) - cpu_from_s_;
    const auto count = static_cast<double>(messages);
    result->Add(base::StrCat(name, "_per_s"), count / seconds);
    if (options_.server_pids.empty()) return count / seconds;
    result->Add(base::StrCat("server_cpu_us_per_", name), cpu_s * 1e6 / count);
    result->Add(base::StrCat(name, "_server_cpu_share"), cpu_s / seconds);
    return count / seconds;
  }

 private:
  const Options& options_;
  const uint64_t from_ns_ = NowNs();
  const double cpu_from_s_ = CpuSeconds(options_.server_pids);
};

// One publisher and one subscriber of a topic, at full speed.
class Live {
 public:
  Live(const Options& options, Fleet* fleet, std::string_view topic)
      : options_(options), topic_{std::string(topic)}, traffic_(options, fleet) {}

  absl::Status Start() {
    window_ = traffic_.AddWindow(Window::OfSlowest(WindowMessages(options_), 1));
    const auto added = traffic_.AddSubscriber(StreamCheck::Expect::kEvery, topic_,
                                              LookEvery(options_, kLookEvery), window_);
    if (!added.ok()) return added.status();
    if (absl::Status ready = traffic_.AddPublisher(window_, topic_); !ready.ok()) return ready;
    return traffic_.Start();
  }

  // Returns messages a second.
  absl::StatusOr<double> Run(std::string_view name, Result* result) {
    const Stretch stretch(options_);
    const absl::Status done = traffic_.Deliver(options_.messages);
    if (!done.ok()) return done;
    const double per_s = stretch.AddTo(name, options_.messages, result);
    traffic_.Finish(result);
    return per_s;
  }

  absl::Status WarmUp() { return traffic_.Deliver(options_.messages / 10); }
  uint64_t sent() const { return window_->sent(); }

 private:
  const Options& options_;
  const std::array<std::string, 1> topic_;
  Traffic traffic_;
  Window* window_ = nullptr;
};

// Stores the messages; adds what the broker has grown by for each.
absl::StatusOr<uint64_t> Store(const Options& options, Fleet* fleet, Result* result) {
  Live stored(options, fleet, kStreamTopic);
  if (const absl::Status started = stored.Start(); !started.ok()) return started;
  const uint64_t bytes_before = fleet->totals().bytes_received;
  const uint64_t rss_before = MemoryBytes(options.server_pids, "VmRSS");
  const auto per_s = stored.Run("stored", result);
  if (!per_s.ok()) return per_s.status();
  const auto messages = static_cast<double>(stored.sent());
  const double frame_bytes =
      static_cast<double>(fleet->totals().bytes_received - bytes_before) / messages;
  result->Add("frame_bytes", frame_bytes);
  if (options.server_pids.empty()) return stored.sent();
  const uint64_t rss = MemoryBytes(options.server_pids, "VmRSS");
  const double rss_bytes = (static_cast<double>(rss) - static_cast<double>(rss_before)) / messages;
  result->Add("rss_bytes_per_stored", rss_bytes);
  result->Add("rss_bytes_beside_frame", rss_bytes - frame_bytes);
  return stored.sent();
}

// One who comes later reads them all. Returns messages a second.
absl::StatusOr<double> ReadAll(const Options& options, Fleet* fleet, uint64_t messages,
                               Result* result) {
  const absl::StatusOr<Link*> reader = fleet->Add(StreamCheck::Expect::kEvery);
  if (!reader.ok()) return reader.status();
  if (const absl::Status made = fleet->WaitUntilConnected(); !made.ok()) return made;
  (*reader)->set_look_every(LookEvery(options, kLookEvery));
  fleet->protocol().append_subscribe_from_first(100'000, kStreamTopic, (*reader)->out());
  const Stretch stretch(options);
  fleet->Flush(*reader);
  const absl::Status done =
      fleet->PollUntil("replay", [&] { return (*reader)->check().messages() >= messages; });
  if (!done.ok()) return done;
  return stretch.AddTo("replayed", messages, result);
}

}  // namespace

absl::StatusOr<Result> Replay(const Options& options, Fleet* fleet) {
  if (fleet->protocol().append_subscribe_from_first == nullptr) {
    return base::Error(absl::StatusCode::kInvalidArgument, "this broker stores nothing");
  }
  Result result;
  Live plain(options, fleet, kPlainTopic);
  absl::Status ready = plain.Start();
  if (ready.ok()) ready = plain.WarmUp();
  if (!ready.ok()) return ready;
  const auto live_per_s = plain.Run("live", &result);
  if (!live_per_s.ok()) return live_per_s.status();
  const auto stored = Store(options, fleet, &result);
  if (!stored.ok()) return stored.status();
  const auto replayed_per_s = ReadAll(options, fleet, *stored, &result);
  if (!replayed_per_s.ok()) return replayed_per_s.status();
  result.Add("per_s", *replayed_per_s);
  result.Add("replay_to_live", *replayed_per_s / *live_per_s);
  result.faults = fleet->faults();
  if (result.faults.any()) result.invalid = "messages were lost or reordered";
  return result;
}

}  // namespace esockets::load
