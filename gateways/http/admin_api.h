// The requests of proto/admin.proto as resources below /api/v1/: what the broker's administration
// knows is here by itself, under the names of the messages.
#ifndef GATEWAYS_HTTP_ADMIN_API_H_
#define GATEWAYS_HTTP_ADMIN_API_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "broker/shard.h"
#include "gateways/http/query.h"
#include "google/protobuf/descriptor.h"
#include "server/http/request.h"
#include "server/http/response.h"

namespace esockets::http {

inline constexpr std::string_view kApiPath = "/api/v1/";

// GET /api/v1/clients?limit=10: "$SYS/clients", ClientsRequest -> Clients.
struct ApiCall {
  std::string name;   // "clients"
  std::string topic;  // "$SYS/clients"
  bool changes;       // by POST with a body of JSON; else by GET with parameters
  const google::protobuf::Descriptor* request;
  const google::protobuf::Descriptor* reply;
};

// In the order of admin.proto. Thread: any.
const std::vector<ApiCall>& ApiCalls();
// Null: there is none of this name.
const ApiCall* FindApiCall(std::string_view name);

// What stands below kApiPath: "clients"; or "streams/chat" for "streams" with the parameter
// name=chat, if the request has a field `name`. Null: neither.
struct ApiPath {
  const ApiCall* call = nullptr;
  Parameters parameters{};
};
ApiPath ParseApiPath(std::string_view path);

// The encoded request message. Errors: kInvalidArgument with what is wrong in the parameters or the
// JSON.
absl::StatusOr<std::string> ApiPayload(const ApiCall& call, const Parameters& parameters,
                                       const std::string& body);
// The broker's reply, or its refusal.
Response ApiAnswer(const ApiCall& call, const broker::AdminReply& reply);
// What there is, with methods and fields.
Response ApiIndex();

}  // namespace esockets::http

#endif  // GATEWAYS_HTTP_ADMIN_API_H_
