#include "server/http/status.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/check.h"

namespace esockets::http {
namespace {

constexpr auto kStatuses = std::to_array<Status>({
    Status::kOk,
    Status::kNotModified,
    Status::kPermanentRedirect,
    Status::kBadRequest,
    Status::kUnauthorized,
    Status::kForbidden,
    Status::kNotFound,
    Status::kMethodNotAllowed,
    Status::kRequestTimeout,
    Status::kConflict,
    Status::kContentTooLarge,
    Status::kUnsupportedMediaType,
    Status::kExpectationFailed,
    Status::kUpgradeRequired,
    Status::kHeadTooLarge,
    Status::kInternal,
    Status::kUnavailable,
});

constexpr auto kPhrases = std::to_array<std::string_view>({
    "OK",
    "Not Modified",
    "Permanent Redirect",
    "Bad Request",
    "Unauthorized",
    "Forbidden",
    "Not Found",
    "Method Not Allowed",
    "Request Timeout",
    "Conflict",
    "Content Too Large",
    "Unsupported Media Type",
    "Expectation Failed",
    "Upgrade Required",
    "Request Header Fields Too Large",
    "Internal Server Error",
    "Service Unavailable",
});
static_assert(kStatuses.size() == kPhrases.size());

}  // namespace

std::string_view Phrase(Status status) {
  const auto* found = std::ranges::find(kStatuses, status);
  ESOCKETS_CHECK(found != kStatuses.end());
  return kPhrases[static_cast<size_t>(std::distance(kStatuses.begin(), found))];
}

std::span<const Status> AllStatuses() { return kStatuses; }

}  // namespace esockets::http
