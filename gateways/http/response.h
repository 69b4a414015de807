// What is answered to an HTTP request, and its bytes.
#ifndef GATEWAYS_HTTP_RESPONSE_H_
#define GATEWAYS_HTTP_RESPONSE_H_

#include <string>
#include <string_view>

#include "broker/errors.h"
#include "gateways/http/status.h"
#include "nlohmann/json.hpp"

namespace esockets::http {

struct Response {
  Status status = Status::kOk;
  std::string_view content_type = "application/json";  // a constant
  std::string body;
  // One field more, "Allow: GET". Empty: none.
  std::string field;
};

Response PlainText(std::string text);
// Never throws, whatever text of a client's is in it.
Response Json(const nlohmann::ordered_json& json);

// {"error": {"status", "text", "detail", "advice"}}; `detail` may hold what the peer has sent.
Response Refusal(Status status, std::string_view detail);
// The same with the "code" and the "name" of a refusal of the broker.
Response Refusal(broker::ErrorCode code, std::string_view detail);

// Its bytes. `head_only`: without the body, for HEAD.
std::string Encode(const Response& response, bool keep_alive, bool head_only = false);

}  // namespace esockets::http

#endif  // GATEWAYS_HTTP_RESPONSE_H_
