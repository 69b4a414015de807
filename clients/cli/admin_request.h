// One question to the broker's administration, and its answer.
#ifndef CLIENTS_CLI_ADMIN_REQUEST_H_
#define CLIENTS_CLI_ADMIN_REQUEST_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "base/strings.h"
#include "clients/cpp/client.h"
#include "google/protobuf/message.h"

namespace esockets::cli {

// Sends `request` to the topic `topic` of admin.proto and reads the answer into `reply`.
absl::Status Ask(client::Client* client, std::string_view topic,
                 const google::protobuf::Message& request, google::protobuf::Message* reply);

}  // namespace esockets::cli

#endif  // CLIENTS_CLI_ADMIN_REQUEST_H_
