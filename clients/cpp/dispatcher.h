// Which of a client's subscriptions a message is for: the same rules as the broker's.
#ifndef CLIENTS_CPP_DISPATCHER_H_
#define CLIENTS_CPP_DISPATCHER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "clients/cpp/filter_entry.h"
#include "clients/cpp/message.h"
#include "clients/cpp/options.h"
#include "clients/cpp/subscription_name.h"

namespace esockets::client {

// Filters without wildcards are found by hash; those with are walked. A message of a group is for
// the filters of that group alone, any other for those without a group. Thread: the loop.
// REQUIRES: not changed within Dispatch.
class Dispatcher {
 public:
  void Add(std::string_view filter, const SubscribeOptions& options, Subscribed subscribed);

  // Null when it is not there. `last`: the filter has no subscriber left, and is gone.
  std::shared_ptr<Subscriber> Remove(const SubscriptionName& name, uint64_t id, bool* last);

  // The filter with all its subscribers.
  FilterEntry RemoveAll(const SubscriptionName& name);

  // Gives the message to every subscriber that it is for; returns their number.
  size_t Dispatch(const MessageView& message);

  // Null when nobody subscribes to it.
  const FilterEntry* Find(const SubscriptionName& name) const;
  FilterEntry* Find(const SubscriptionName& name);

  // Other filters of the same group, which have topics in common with this one.
  std::vector<FilterEntry*> Overlapping(const SubscriptionName& name);

  // In no order.
  std::vector<SubscriptionName> Names() const;

 private:
  using Entries = base::StringMap<FilterEntry>;

  struct Filters {
    Entries& Of(std::string_view filter);
    size_t size() const { return literals.size() + wildcards.size(); }

    Entries literals;
    Entries wildcards;
  };

  // Null when there is no such group. Empty: those without a group.
  Filters* FiltersOf(std::string_view group);
  void Erase(const SubscriptionName& name);

  Filters plain_;
  base::StringMap<Filters> groups_;  // none of them is empty
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_DISPATCHER_H_
