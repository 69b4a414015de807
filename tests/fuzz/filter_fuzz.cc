// The input is lines: "+f" subscribes to the filter f, "-f" takes back one subscription to
// it, anything else is a topic to match. The index must answer as FilterMatches does.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/topic.h"
#include "broker/subscription.h"
#include "broker/subscription_index.h"

namespace {

namespace base = esockets::base;
using esockets::broker::Subscriber;
using esockets::broker::Subscription;
using esockets::broker::SubscriptionIndex;

void Require(bool condition) {
  if (!condition) std::abort();
}

class Machine {
 public:
  void Run(std::string_view line) {
    if (line.starts_with('+')) {
      Subscribe(line.substr(1));
    } else if (line.starts_with('-')) {
      Unsubscribe(line.substr(1));
    } else {
      Match(line);
    }
    Require(index_.subscribers() == subscriptions_.size());
    Require(index_.filters() == DistinctFilters());
  }

  void UnsubscribeAll() {
    while (!subscriptions_.empty()) Unsubscribe(std::string(subscriptions_.begin()->first));
    Require(index_.filters() == 0 && index_.subscribers() == 0);
  }

 private:
  using Subscriptions = std::multimap<std::string, std::unique_ptr<Subscription>, std::less<>>;

  void Subscribe(std::string_view filter) {
    if (base::CheckFilter(filter, {}) != base::TopicError::kOk) return;
    const auto added = subscriptions_.emplace(filter, std::make_unique<Subscription>());
    const uint64_t version = index_.version();
    index_.Add(filter, added->second.get());
    Require(added->second->filter() == filter && index_.version() != version);
  }

  void Unsubscribe(std::string_view filter) {
    const auto found = subscriptions_.find(filter);
    if (found == subscriptions_.end()) return;
    index_.Remove(found->second.get());
    subscriptions_.erase(found);
  }

  void Match(std::string_view topic) {
    if (base::CheckTopic(topic, {}) != base::TopicError::kOk) return;
    std::vector<Subscriber*> expected;
    for (const auto& [filter, subscription] : subscriptions_) {
      if (base::FilterMatches(filter, topic)) expected.push_back(subscription.get());
    }
    std::vector<Subscriber*> matched;
    index_.Match(topic, &matched);
    std::sort(expected.begin(), expected.end());
    std::sort(matched.begin(), matched.end());
    Require(matched == expected);
  }

  size_t DistinctFilters() const {
    size_t count = 0;
    auto at = subscriptions_.begin();
    for (; at != subscriptions_.end(); at = subscriptions_.upper_bound(at->first)) ++count;
    return count;
  }

  Subscriptions subscriptions_;
  SubscriptionIndex index_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  Machine machine;
  while (!input.empty()) {
    const std::string_view line = input.substr(0, input.find('\n'));
    machine.Run(line);
    input.remove_prefix(std::min(input.size(), line.size() + 1));
  }
  machine.UnsubscribeAll();
  return 0;
}
