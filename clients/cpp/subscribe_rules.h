// What can be said of a subscription before the broker is asked.
#ifndef CLIENTS_CPP_SUBSCRIBE_RULES_H_
#define CLIENTS_CPP_SUBSCRIBE_RULES_H_

#include <string_view>

#include "absl/status/status.h"
#include "clients/cpp/options.h"

namespace esockets::client {

// Errors: kInvalidArgument of what every broker refuses.
absl::Status CheckSubscribe(std::string_view filter, const SubscribeOptions& options);

}  // namespace esockets::client

#endif  // CLIENTS_CPP_SUBSCRIBE_RULES_H_
