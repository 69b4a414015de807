// What is answered to an HTTP request, and its bytes.
#ifndef SERVER_HTTP_RESPONSE_H_
#define SERVER_HTTP_RESPONSE_H_

#include <string>
#include <string_view>

#include "server/http/status.h"

namespace esockets::http {

// May load nothing and be shown in no frame.
inline constexpr std::string_view kInertContent = "default-src 'none'; frame-ancestors 'none'";

struct Response {
  Status status = Status::kOk;
  std::string_view content_type = "application/json";  // a constant
  std::string body;
  // More fields, each "Allow: GET\r\n".
  std::string fields;
  std::string_view upgrade{};  // a protocol that is asked for, as kUpgradeRequired does; a constant
  std::string_view cache_control = "no-store";               // a constant
  std::string_view content_security_policy = kInertContent;  // a constant
};

Response PlainText(std::string text);
// "404 Not Found: detail"; `detail` may hold what the peer has sent.
Response PlainRefusal(Status status, std::string_view detail);

// Its bytes. `head_only`: without the body, for HEAD.
std::string Encode(const Response& response, bool keep_alive, bool head_only = false);

}  // namespace esockets::http

#endif  // SERVER_HTTP_RESPONSE_H_
