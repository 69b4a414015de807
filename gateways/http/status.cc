#include "gateways/http/status.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"

namespace esockets::http {
namespace {

constexpr StatusInfo kStatuses[] = {
    {Status::kOk, "OK", "Read the answer."},
    {Status::kBadRequest, "Bad Request", "Correct what the detail names."},
    {Status::kUnauthorized, "Unauthorized",
     "Send the token or the password of a user who may administrate."},
    {Status::kForbidden, "Forbidden",
     "Ask as an administrator, from no other page, by an address or a name in admin_hosts."},
    {Status::kNotFound, "Not Found", "GET /api/v1/ lists what there is."},
    {Status::kMethodNotAllowed, "Method Not Allowed", "Use a method of the field Allow."},
    {Status::kRequestTimeout, "Request Timeout", "Send the whole request at once."},
    {Status::kConflict, "Conflict", "Turn on in the configuration what the detail names."},
    {Status::kContentTooLarge, "Content Too Large", "Send a shorter body."},
    {Status::kUnsupportedMediaType, "Unsupported Media Type",
     "Send JSON, and Content-Type: application/json."},
    {Status::kExpectationFailed, "Expectation Failed", "Send the request without Expect."},
    {Status::kHeadTooLarge, "Request Header Fields Too Large",
     "Send fewer or shorter fields, or a shorter address."},
    {Status::kInternal, "Internal Server Error", "Look into the broker's log, and report it."},
    {Status::kUnavailable, "Service Unavailable",
     "Try again later; if it stays so, the detail says what to look at."},
};

}  // namespace

const StatusInfo& Info(Status status) {
  const auto* found = std::ranges::find(kStatuses, status, &StatusInfo::status);
  ESOCKETS_CHECK(found != std::end(kStatuses));
  return *found;
}

std::span<const StatusInfo> AllStatuses() { return kStatuses; }

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

}  // namespace esockets::http
