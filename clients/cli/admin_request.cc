#include "clients/cli/admin_request.h"

#include <cstdio>

#include "clients/cli/connect.h"
#include "clients/cli/exit_code.h"

namespace esockets::cli {

int WithClient(const GlobalOptions& global, std::string_view name,
               const std::function<absl::Status(client::Client*)>& what) {
  int exit_code = kExitOk;
  const auto client = ConnectOrComplain(global, {}, /*reconnect=*/false, &exit_code);
  if (client == nullptr) return exit_code;
  absl::Status status = what(client.get());
  if (status.ok()) return kExitOk;
  Complain(name, status);
  return ExitCodeOf(status);
}

absl::Status Ask(client::Client* client, std::string_view topic,
                 const google::protobuf::Message& request, google::protobuf::Message* reply) {
  const absl::StatusOr<std::string> payload = client->Request(topic, request.SerializeAsString());
  if (!payload.ok()) return payload.status();
  if (reply->ParseFromString(*payload)) return absl::OkStatus();
  return base::Error(absl::StatusCode::kInternal, "the answer of ", topic,
                     " could not be understood");
}

void Print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void PrintJson(const nlohmann::ordered_json& json) { Print(json.dump() + "\n"); }

}  // namespace esockets::cli
