// The broker that a client means, and how it makes sure that it is that one.
#ifndef CLIENTS_CPP_ENDPOINT_H_
#define CLIENTS_CPP_ENDPOINT_H_

#include <memory>

#include "absl/status/statusor.h"
#include "clients/cpp/broker_address.h"
#include "clients/cpp/options.h"
#include "server/tls/client_context.h"

namespace esockets::client {

struct Endpoint {
  BrokerAddress address;
  std::shared_ptr<tls::ClientContext> tls;  // null: in the clear
};

// Errors: kInvalidArgument: the address, or a file that the options of TLS name, is no good.
absl::StatusOr<Endpoint> EndpointOf(const ClientOptions& options);

}  // namespace esockets::client

#endif  // CLIENTS_CPP_ENDPOINT_H_
