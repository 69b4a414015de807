// What tells a client's subscriptions apart, here and in the broker.
#ifndef CLIENTS_CPP_SUBSCRIPTION_NAME_H_
#define CLIENTS_CPP_SUBSCRIPTION_NAME_H_

#include <string>

namespace esockets::client {

struct SubscriptionName {
  std::string filter;
  // Empty: none.
  std::string group{};

  friend bool operator==(const SubscriptionName&, const SubscriptionName&) = default;
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_SUBSCRIPTION_NAME_H_
