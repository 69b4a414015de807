// Answers of administration: JSON, and refusals that say what to do. docs/OPERATIONS.md has the
// same table; a test holds them equal.
#ifndef GATEWAYS_HTTP_REFUSAL_H_
#define GATEWAYS_HTTP_REFUSAL_H_

#include <span>
#include <string_view>

#include "broker/errors.h"
#include "nlohmann/json.hpp"
#include "server/http/response.h"
#include "server/http/status.h"

namespace esockets::http {

struct StatusAdvice {
  Status status;
  // What the person behind the request should do.
  std::string_view advice;
};

// REQUIRES: administration answers with it.
std::string_view Advice(Status status);

// By number.
std::span<const StatusAdvice> AllAdvice();

// The status that says the same as a refusal of the broker.
Status StatusOf(broker::ErrorCode code);

// Never throws, whatever text of a client's is in it.
Response Json(const nlohmann::ordered_json& json);

// {"error": {"status", "text", "detail", "advice"}}; `detail` may hold what the peer has sent.
Response Refusal(Status status, std::string_view detail);
// The same with the "code" and the "name" of a refusal of the broker.
Response Refusal(broker::ErrorCode code, std::string_view detail);

}  // namespace esockets::http

#endif  // GATEWAYS_HTTP_REFUSAL_H_
