// The statuses that we answer HTTP requests with (RFC 9110, section 15).
#ifndef SERVER_HTTP_STATUS_H_
#define SERVER_HTTP_STATUS_H_

#include <cstdint>
#include <span>
#include <string_view>

namespace esockets::http {

enum class Status : uint16_t {
  kOk = 200,
  kNotModified = 304,
  kPermanentRedirect = 308,
  kBadRequest = 400,
  kUnauthorized = 401,
  kForbidden = 403,
  kNotFound = 404,
  kMethodNotAllowed = 405,
  kRequestTimeout = 408,
  kConflict = 409,
  kContentTooLarge = 413,
  kUnsupportedMediaType = 415,
  kExpectationFailed = 417,
  kUpgradeRequired = 426,
  kHeadTooLarge = 431,
  kInternal = 500,
  kUnavailable = 503,
};

// Of the status line: "Not Found".
std::string_view Phrase(Status status);

// By number.
std::span<const Status> AllStatuses();

}  // namespace esockets::http

#endif  // SERVER_HTTP_STATUS_H_
