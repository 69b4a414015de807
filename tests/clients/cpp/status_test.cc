#include "clients/cpp/status.h"

#include "gtest/gtest.h"

namespace esockets::client {
namespace {

TEST(Status, CarriesCodeTextAndAdvice) {
  const absl::Status status =
      ToStatus({.code = 110, .text = "wrong topic", .detail = "too deep", .advice = "Be flat."});
  EXPECT_EQ(status.message(), "code 110: wrong topic: too deep (Be flat.)");
  EXPECT_EQ(BrokerCode(status), 110u);
  EXPECT_EQ(BrokerAdvice(status), "Be flat.");
  EXPECT_EQ(BrokerCode(absl::UnavailableError("ours")), 0u);
  EXPECT_EQ(BrokerAdvice(absl::OkStatus()), "");
}

TEST(Status, HasTheWordThatFits) {
  static constexpr struct {
    uint32_t code;
    bool retryable;
    absl::StatusCode expected;
  } kCases[] = {{110, false, absl::StatusCode::kInvalidArgument},
                {113, false, absl::StatusCode::kPermissionDenied},
                {120, false, absl::StatusCode::kPermissionDenied},
                {122, true, absl::StatusCode::kUnavailable},
                {142, false, absl::StatusCode::kNotFound},
                {144, false, absl::StatusCode::kNotFound},
                {153, false, absl::StatusCode::kInvalidArgument},
                {154, false, absl::StatusCode::kFailedPrecondition},
                {102, false, absl::StatusCode::kUnimplemented},
                {230, false, absl::StatusCode::kUnauthenticated},
                {231, false, absl::StatusCode::kFailedPrecondition},
                {250, true, absl::StatusCode::kUnavailable}};
  for (const auto& test : kCases) {
    EXPECT_EQ(ToStatus({.code = test.code, .retryable = test.retryable}).code(), test.expected)
        << test.code;
  }
}

}  // namespace
}  // namespace esockets::client
