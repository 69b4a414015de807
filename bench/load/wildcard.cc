#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include "base/strings.h"
#include "bench/load/scenarios.h"
#include "bench/load/traffic.h"

namespace esockets::load {
namespace {

// What one client may have is limited; so many share the subscriptions of each kind.
constexpr size_t kLiteralClients = 100;
constexpr size_t kWildcardClients = 10;

constexpr size_t kPublishers = 20;

// Topics that are published to, in a shuffled order; more would only be more memory here.
constexpr size_t kPublishedMax = 20'000;

// Equally long, so that frames are.
std::string Group(size_t group) { return base::StrCat("load/", 100'000 + group, "/"); }
std::string Topic(size_t group, size_t leaf) { return base::StrCat(Group(group), 10'000 + leaf); }

absl::Status AddSubscribers(const std::vector<std::string>& filters, size_t clients, Window* window,
                            Traffic* traffic) {
  for (size_t i = 0; i < clients; ++i) {
    std::vector<std::string> share;
    for (size_t j = i; j < filters.size(); j += clients) share.push_back(filters[j]);
    if (share.empty()) continue;
    const auto added = traffic->AddSubscriber(StreamCheck::Expect::kRising, share, 1, window);
    if (!added.ok()) return added.status();
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Result> Wildcard(const Options& options, Fleet* fleet) {
  const size_t publishers = options.publishers > 0 ? options.publishers : kPublishers;
  std::vector<std::string> literals, wildcards;
  for (size_t i = 0; i < options.literals; ++i) {
    literals.push_back(Topic(i % options.wildcards, i / options.wildcards));
  }
  for (size_t i = 0; i < options.wildcards; ++i) wildcards.push_back(Group(i) + "+");

  Traffic traffic(options, fleet);
  Window* const window = traffic.AddWindow(Window::OfSum(WindowMessages(options) * publishers, 2));
  for (const absl::Status& added :
       {AddSubscribers(literals, kLiteralClients, window, &traffic),
        AddSubscribers(wildcards, kWildcardClients, window, &traffic)}) {
    if (!added.ok()) return added;
  }
  std::mt19937 random(1);  // the same order for every broker
  std::shuffle(literals.begin(), literals.end(), random);
  literals.resize(std::min(literals.size(), kPublishedMax));
  for (size_t i = 0; i < publishers; ++i) {
    // Each begins elsewhere.
    const auto share = static_cast<std::ptrdiff_t>(literals.size() / publishers);
    std::rotate(literals.begin(), literals.begin() + share, literals.end());
    const absl::Status added = traffic.AddPublisher(window, literals, i);
    if (!added.ok()) return added;
  }
  return traffic.RunFull();
}

}  // namespace esockets::load
