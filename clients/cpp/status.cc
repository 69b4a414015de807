#include "clients/cpp/status.h"

#include <optional>

#include "absl/strings/cord.h"
#include "base/strings.h"

namespace esockets::client {
namespace {

constexpr std::string_view kCodeUrl = "esockets/code";
constexpr std::string_view kAdviceUrl = "esockets/advice";

// The codes for which absl has a word that says more than "refused".
absl::StatusCode StatusCodeOf(const BrokerError& error) {
  switch (error.code) {
    case 113:  // RESERVED_TOPIC
    case 120:  // NOT_PERMITTED
    case 152:  // INBOX_NOT_ALLOWED
      return absl::StatusCode::kPermissionDenied;
    case 114:  // NOT_SUBSCRIBED
    case 142:  // NO_SUCH_CLIENT
    case 144:  // NO_SUCH_STREAM
    case 151:  // NO_SUCH_INBOX
      return absl::StatusCode::kNotFound;
    case 102:  // UNSUPPORTED
    case 141:  // ADMIN_UNKNOWN_REQUEST
      return absl::StatusCode::kUnimplemented;
    case 121:  // TOO_MANY_SUBSCRIPTIONS
    case 161:  // TOO_MANY_PRESENCE_TOPICS
      return absl::StatusCode::kResourceExhausted;
    case 143:  // RECV_QUEUE_OFF
    case 154:  // GROUP_DIFFERS
    case 160:  // PRESENCE_NOT_CONFIGURED
      return absl::StatusCode::kFailedPrecondition;
    case 230:  // NOT_AUTHENTICATED
    case 233:  // CREDENTIALS_EXPIRED
      return absl::StatusCode::kUnauthenticated;
  }
  if (error.retryable) return absl::StatusCode::kUnavailable;
  return error.code < 200 ? absl::StatusCode::kInvalidArgument
                          : absl::StatusCode::kFailedPrecondition;
}

std::string PayloadOf(const absl::Status& status, std::string_view url) {
  const auto payload = status.GetPayload(base::ToAbsl(url));
  return payload.has_value() ? std::string{*payload} : std::string();
}

}  // namespace

absl::Status ToStatus(const BrokerError& error) {
  std::string text = base::StrCat("code ", error.code, ": ", error.text);
  if (!error.detail.empty()) base::StrAppend(&text, ": ", error.detail);
  if (!error.advice.empty()) base::StrAppend(&text, " (", error.advice, ")");
  absl::Status status = base::Error(StatusCodeOf(error), text);
  status.SetPayload(base::ToAbsl(kCodeUrl), absl::Cord(std::to_string(error.code)));
  status.SetPayload(base::ToAbsl(kAdviceUrl), absl::Cord(error.advice));
  return status;
}

uint32_t BrokerCode(const absl::Status& status) {
  const std::string code = PayloadOf(status, kCodeUrl);
  return code.empty() ? 0 : static_cast<uint32_t>(std::stoul(code));
}

std::string BrokerAdvice(const absl::Status& status) { return PayloadOf(status, kAdviceUrl); }

}  // namespace esockets::client
