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
  Window* const window =
      traffic.AddWindow(Window::OfSlowest(WindowMessages(options), options.subscribers));
  for (size_t i = 0; i < options.subscribers; ++i) {
    const auto added = traffic.AddSubscriber(StreamCheck::Expect::kEvery, topic,
                                             LookEvery(options, kLookEvery), window);
    if (!added.ok()) return added.status();
  }
  if (const absl::Status added = traffic.AddPublisher(window, topic); !added.ok()) return added;
  return traffic.RunFull();
}

}  // namespace esockets::load
