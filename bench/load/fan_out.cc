#include <algorithm>
#include <array>
#include <string>

#include "bench/load/scenarios.h"
#include "bench/load/traffic.h"

namespace esockets::load {
namespace {

// Of 8 receives one is looked at: the generator keeps up with 130 M small messages a second.
constexpr uint32_t kLookEvery = 8;

}  // namespace

absl::StatusOr<Result> FanOut(const Options& options, Fleet* fleet) {
  Traffic traffic(options, fleet);
  const std::array<std::string, 1> topic = {"load/topic"};
  const size_t publishers = std::max<size_t>(1, options.publishers);
  // Of several publishers, which message stands where in a stream cannot be known beforehand.
  const bool alone = publishers == 1;
  const auto expect = alone ? StreamCheck::Expect::kEvery : StreamCheck::Expect::kRising;
  const uint32_t look_every = alone ? LookEvery(options, kLookEvery) : 1;
  Window* const window =
      traffic.AddWindow(Window::OfSlowest(WindowMessages(options), options.subscribers));
  for (size_t i = 0; i < options.subscribers; ++i) {
    const auto added = traffic.AddSubscriber(expect, topic, look_every, window);
    if (!added.ok()) return added.status();
  }
  for (size_t i = 0; i < publishers; ++i) {
    if (const absl::Status added = traffic.AddPublisher(window, topic, i); !added.ok()) {
      return added;
    }
    traffic.publishers().back().set_share(WindowMessages(options) / publishers);
  }
  return traffic.RunFull();
}

}  // namespace esockets::load
