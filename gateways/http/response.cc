#include "gateways/http/response.h"

#include <cstdint>
#include <utility>

#include "base/strings.h"

namespace esockets::http {
namespace {

using nlohmann::ordered_json;

Response Refused(Status status, const ordered_json& error) {
  Response response = Json({{"error", error}});
  response.status = status;
  return response;
}

}  // namespace

Response PlainText(std::string text) {
  return {.content_type = "text/plain; charset=utf-8", .body = std::move(text)};
}

Response Json(const ordered_json& json) {
  return {.body = json.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n"};
}

Response Refusal(Status status, std::string_view detail) {
  const StatusInfo& info = Info(status);
  const ordered_json error = {{"status", static_cast<uint32_t>(status)},
                              {"text", info.phrase},
                              {"detail", detail},
                              {"advice", info.advice}};
  return Refused(status, error);
}

Response Refusal(broker::ErrorCode code, std::string_view detail) {
  const broker::ErrorInfo& info = broker::Info(code);
  const Status status = StatusOf(code);
  const ordered_json error = {{"status", static_cast<uint32_t>(status)},
                              {"code", static_cast<uint32_t>(code)},
                              {"name", info.name},
                              {"text", info.text},
                              {"detail", detail},
                              {"advice", info.advice}};
  return Refused(status, error);
}

// No page of another origin may read it, no browser may guess another type or keep it.
std::string Encode(const Response& response, bool keep_alive, bool head_only) {
  std::string bytes = base::StrCat(
      "HTTP/1.1 ", static_cast<uint32_t>(response.status), " ", Info(response.status).phrase,
      "\r\nContent-Type: ", response.content_type, "\r\nContent-Length: ", response.body.size(),
      "\r\nConnection: ", keep_alive ? "keep-alive" : "close",
      "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
      "Cross-Origin-Resource-Policy: same-origin\r\nContent-Security-Policy: default-src 'none'; "
      "frame-ancestors 'none'\r\n");
  if (!response.field.empty()) base::StrAppend(&bytes, response.field, "\r\n");
  base::StrAppend(&bytes, "\r\n", head_only ? std::string_view() : response.body);
  return bytes;
}

}  // namespace esockets::http
