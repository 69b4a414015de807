#include "bench/load/traffic.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "bench/load/meter.h"

namespace esockets::load {
namespace {}  // namespace

uint64_t WindowMessages(const Options& options) {
  if (options.window > 0) return options.window;
  return std::clamp<uint64_t>(kWindowBytes / options.payload_bytes, 16, 4096);
}

uint32_t LookEvery(const Options& options, uint32_t otherwise) {
  return options.look_every > 0 ? options.look_every : otherwise;
}

absl::StatusOr<Link*> Traffic::AddSubscriber(StreamCheck::Expect expect,
                                             std::span<const std::string> filters,
                                             uint32_t look_every, Window* window) {
  const absl::StatusOr<Link*> link = fleet_.Add(expect);
  if (!link.ok()) return link.status();
  (*link)->set_look_every(look_every);
  (*link)->set_window(window);
  std::string requests;
  uint64_t id = 100'000;  // and above: all ids equally long
  for (const std::string& filter : filters) {
    fleet_.protocol().append_subscribe(id++, filter, &requests);
  }
  subscriptions_ += filters.size();
  requests_.emplace_back(*link, std::move(requests));
  return *link;
}

Window* Traffic::AddWindow(Window window) {
  windows_.push_back(std::make_unique<Window>(std::move(window)));
  return windows_.back().get();
}

absl::Status Traffic::AddPublisher(Window* window, std::span<const std::string> topics,
                                   size_t number) {
  const absl::StatusOr<Link*> link = fleet_.AddPublisher(StreamCheck::Expect::kEvery);
  if (!link.ok()) return link.status();
  publishers_.emplace_back(&fleet_, *link, window, topics, options_.payload_bytes, number);
  return absl::OkStatus();
}

void Traffic::Pump() {
  first_ = (first_ + 1) % publishers_.size();
  for (bool more = true; more;) {
    more = false;
    for (size_t i = 0; i < publishers_.size(); ++i) {
      more |= publishers_[(first_ + i) % publishers_.size()].Pump();
    }
  }
}

absl::Status Traffic::Start() {
  if (absl::Status connected = fleet_.WaitUntilConnected(); !connected.ok()) {
    return connected;
  }
  const uint64_t before = fleet_.totals().subscribed;
  for (auto& [link, requests] : requests_) {
    link->out()->append(requests);
    fleet_.Flush(link);
  }
  requests_.clear();
  return fleet_.TurnUntil("Subscribe",
                          [&] { return fleet_.totals().subscribed >= before + subscriptions_; });
}

absl::Status Traffic::Deliver(uint64_t messages) {
  const uint64_t end = fleet_.totals().deliveries + messages;
  return fleet_.PollUntil("messages", [&] {
    Pump();
    return fleet_.totals().deliveries >= end;
  });
}

absl::StatusOr<Result> Traffic::RunFull() {
  if (const absl::Status started = Start(); !started.ok()) return started;
  Result result;
  Measure(&result);
  Finish(&result);
  return result;
}

void Traffic::Measure(Result* result) {
  Meter(options_, &fleet_)
      .Run(
          "delivery",
          [this] {
            Pump();
            fleet_.Poll();
            return fleet_.totals().deliveries;
          },
          result);
}

void Traffic::Finish(Result* result) {
  for (Publisher& publisher : publishers_) publisher.Stop();
  const absl::Status drained = fleet_.TurnUntil("the last messages", [this] {
    Pump();
    return std::all_of(windows_.begin(), windows_.end(),
                       [](const auto& window) { return window->empty(); });
  });
  result->faults = fleet_.faults();
  if (result->faults.any()) {
    result->invalid = "messages were lost, reordered or dropped, or were no messages";
  } else if (!drained.ok()) {
    result->invalid = std::string(base::Message(drained));
  } else if (fleet_.totals().closed > 0) {
    result->invalid = "the broker closed connections";
  }
}

}  // namespace esockets::load
