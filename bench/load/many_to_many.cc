#include <array>
#include <string>

#include "base/strings.h"
#include "bench/load/scenarios.h"
#include "bench/load/traffic.h"

namespace esockets::load {
namespace {

constexpr uint32_t kLookEvery = 4;

}  // namespace

absl::StatusOr<Result> ManyToMany(const Options& options, Fleet* fleet) {
  Traffic traffic(options, fleet);
  for (size_t i = 0; i < options.pairs; ++i) {
    const std::array<std::string, 1> topic = {base::StrCat("load/topic", 1000 + i)};
    Window* const window = traffic.AddWindow(Window::OfSlowest(WindowMessages(options), 1));
    const auto added = traffic.AddSubscriber(StreamCheck::Expect::kEvery, topic,
                                             LookEvery(options, kLookEvery), window);
    if (!added.ok()) return added.status();
    if (const absl::Status publisher = traffic.AddPublisher(window, topic); !publisher.ok()) {
      return publisher;
    }
  }
  return traffic.RunFull();
}

}  // namespace esockets::load
