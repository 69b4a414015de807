// One session's subscription, as the index sees it.
#ifndef BROKER_SUBSCRIPTION_H_
#define BROKER_SUBSCRIPTION_H_

#include <cstdint>
#include <string_view>

namespace esockets::broker {

struct Subscription {
  // The index's own copy of the filter, shared by all its subscriptions: set by
  // SubscriptionIndex::Add, empty again after Remove.
  std::string_view filter;

  // Place among the subscriptions of that filter. Only the index reads or writes it.
  uint32_t index_slot = 0;
};

}  // namespace esockets::broker

#endif  // BROKER_SUBSCRIPTION_H_
