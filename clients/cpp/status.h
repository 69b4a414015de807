// Errors as absl::Status. What the broker refused or ended carries its code, text and advice; the
// code says what to do, and its table is in docs/PROTOCOL.md.
#ifndef CLIENTS_CPP_STATUS_H_
#define CLIENTS_CPP_STATUS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace esockets::client {

// As the broker sent it, in Error (codes 100 to 199), Close or GoAway (200 to 299).
struct BrokerError {
  uint32_t code = 0;
  std::string text{};
  // What happened here, with figures where there are any.
  std::string detail{};
  // May the same request, or the same client, try again unchanged?
  bool retryable = false;
  // Of Close and GoAway: milliseconds to wait before that.
  uint32_t retry_after_ms = 0;
  std::string advice{};
};

// "code 110: the topic breaks the rules of topics: DETAIL (ADVICE)". kUnavailable when retryable,
// otherwise kUnauthenticated, kPermissionDenied, kNotFound, kInvalidArgument or kFailedPrecondition
// by the code.
absl::Status ToStatus(const BrokerError& error);

// Those codes that the library itself acts on.
inline constexpr uint32_t kNotSubscribedCode = 114;
inline constexpr uint32_t kRefreshRefusedCode = 129;
inline constexpr uint32_t kNotAuthenticatedCode = 230;
inline constexpr uint32_t kCredentialsExpiredCode = 233;
inline constexpr uint32_t kCredentialsRevokedCode = 235;
inline constexpr uint32_t kNoRespondersCode = 150;
inline constexpr uint32_t kInboxNotAllowedCode = 152;

// The broker's code; 0 for a status that does not come from the broker.
uint32_t BrokerCode(const absl::Status& status);

// The broker's advice; empty likewise.
std::string BrokerAdvice(const absl::Status& status);

}  // namespace esockets::client

#endif  // CLIENTS_CPP_STATUS_H_
