#include "server/http/response.h"

#include <cstdint>
#include <utility>

#include "base/strings.h"

namespace esockets::http {

Response PlainText(std::string text) {
  return {.content_type = "text/plain; charset=utf-8", .body = std::move(text), .fields = {}};
}

Response PlainRefusal(Status status, std::string_view detail) {
  Response response = PlainText(
      base::StrCat(static_cast<uint32_t>(status), " ", Phrase(status), ": ", detail, "\n"));
  response.status = status;
  return response;
}

namespace {

// Whoever sends Upgrade names it in Connection (RFC 9110, section 7.8).
std::string UpgradeFields(std::string_view protocol) {
  return protocol.empty() ? std::string() : base::StrCat(", Upgrade\r\nUpgrade: ", protocol);
}

}  // namespace

// No page of another origin may read it, no browser may guess another type.
std::string Encode(const Response& response, bool keep_alive, bool head_only) {
  return base::StrCat(
      "HTTP/1.1 ", static_cast<uint32_t>(response.status), " ", Phrase(response.status),
      "\r\nContent-Type: ", response.content_type, "\r\nContent-Length: ", response.body.size(),
      "\r\nConnection: ", keep_alive ? "keep-alive" : "close", UpgradeFields(response.upgrade),
      "\r\nCache-Control: ", response.cache_control,
      "\r\nX-Content-Type-Options: nosniff\r\nCross-Origin-Resource-Policy: same-origin\r\n"
      "Content-Security-Policy: ",
      response.content_security_policy, "\r\n", response.fields, "\r\n",
      head_only ? std::string_view() : response.body);
}

}  // namespace esockets::http
