#include "clients/cpp/endpoint.h"

#include <string>
#include <utility>

#include "proto/protocol_name.h"

namespace esockets::client {

absl::StatusOr<Endpoint> EndpointOf(const ClientOptions& options) {
  absl::StatusOr<BrokerAddress> address = BrokerAddress::Parse(options.address);
  if (!address.ok()) return address.status();
  const TlsOptions& tls = options.tls;
  if (!address->tls()) {
    if (tls != TlsOptions()) {
      return absl::InvalidArgumentError("options of TLS want an address tls://HOST:PORT");
    }
    return Endpoint{.address = *std::move(address), .tls = nullptr};
  }
  if (tls.chain_file.empty() != tls.key_file.empty()) {
    return absl::InvalidArgumentError("a certificate and its key belong together");
  }
  auto context = tls::ClientContext::Load(
      {.server_name = tls.server_name.empty() ? address->host() : tls.server_name,
       .verify = tls.verify,
       .ca_file = tls.ca_file,
       .certificate = {tls.chain_file, tls.key_file},
       .application_protocols = {std::string(proto::kProtocolName)}});
  if (!context.ok()) return context.status();
  return Endpoint{.address = *std::move(address), .tls = *std::move(context)};
}

}  // namespace esockets::client
