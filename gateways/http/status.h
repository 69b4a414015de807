// The HTTP statuses that administration answers with. docs/OPERATIONS.md has the same table; a test
// holds them equal.
#ifndef GATEWAYS_HTTP_STATUS_H_
#define GATEWAYS_HTTP_STATUS_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "broker/errors.h"

namespace esockets::http {

enum class Status : uint16_t {
  kOk = 200,
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
  kHeadTooLarge = 431,
  kInternal = 500,
  kUnavailable = 503,
};

struct StatusInfo {
  Status status;
  std::string_view phrase;  // of the status line
  // What the person behind the request should do.
  std::string_view advice;
};

const StatusInfo& Info(Status status);

// By number.
std::span<const StatusInfo> AllStatuses();

// The status that says the same as a refusal of the broker.
Status StatusOf(broker::ErrorCode code);

}  // namespace esockets::http

#endif  // GATEWAYS_HTTP_STATUS_H_
