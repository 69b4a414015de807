#include "gateways/http/refusal.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "base/check.h"

namespace esockets::http {
namespace {

using nlohmann::ordered_json;

constexpr StatusAdvice kAdvice[] = {
    {Status::kOk, "Read the answer."},
    {Status::kBadRequest, "Correct what the detail names."},
    {Status::kUnauthorized, "Send the token or the password of a user who may administrate."},
    {Status::kForbidden,
     "Ask as an administrator or with a permission of ADMIN, from no other page, by an address or "
     "a "
     "name in admin_hosts."},
    {Status::kNotFound, "GET /api/v1/ lists what there is."},
    {Status::kMethodNotAllowed, "Use a method of the field Allow."},
    {Status::kRequestTimeout, "Send the whole request at once."},
    {Status::kConflict, "Turn on in the configuration what the detail names."},
    {Status::kContentTooLarge, "Send a shorter body."},
    {Status::kUnsupportedMediaType, "Send JSON, and Content-Type: application/json."},
    {Status::kExpectationFailed, "Send the request without Expect."},
    {Status::kHeadTooLarge, "Send fewer or shorter fields, or a shorter address."},
    {Status::kInternal, "Look into the broker's log, and report it."},
    {Status::kUnavailable, "Try again later; if it stays so, the detail says what to look at."},
};

Response Refused(Status status, const ordered_json& error) {
  Response response = Json({{"error", error}});
  response.status = status;
  return response;
}

}  // namespace

std::string_view Advice(Status status) {
  const auto* found = std::ranges::find(kAdvice, status, &StatusAdvice::status);
  ESOCKETS_CHECK(found != std::end(kAdvice));
  return found->advice;
}

std::span<const StatusAdvice> AllAdvice() { return kAdvice; }

Status StatusOf(broker::ErrorCode code) {
  using broker::ErrorCode;
  switch (code) {
    case ErrorCode::kAdminUnknownRequest:
    case ErrorCode::kNoSuchClient:
    case ErrorCode::kNoSuchStream:
      return Status::kNotFound;
    case ErrorCode::kRecvQueueOff:
      return Status::kConflict;
    case ErrorCode::kNotPermitted:
      return Status::kForbidden;
    case ErrorCode::kBrokerBusy:
      return Status::kUnavailable;
    case ErrorCode::kInternal:
      return Status::kInternal;
    default:
      return Status::kBadRequest;
  }
}

Response Json(const ordered_json& json) {
  Response response;
  response.body = json.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
  return response;
}

Response Refusal(Status status, std::string_view detail) {
  const ordered_json error = {{"status", static_cast<uint32_t>(status)},
                              {"text", Phrase(status)},
                              {"detail", detail},
                              {"advice", Advice(status)}};
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

}  // namespace esockets::http
