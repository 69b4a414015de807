#include "clients/cli/admin_request.h"

namespace esockets::cli {

absl::Status Ask(client::Client* client, std::string_view topic,
                 const google::protobuf::Message& request, google::protobuf::Message* reply) {
  const absl::StatusOr<std::string> payload = client->Request(topic, request.SerializeAsString());
  if (!payload.ok()) return payload.status();
  if (reply->ParseFromString(*payload)) return absl::OkStatus();
  return base::Error(absl::StatusCode::kInternal, "the answer of ", topic,
                     " could not be understood");
}

}  // namespace esockets::cli
