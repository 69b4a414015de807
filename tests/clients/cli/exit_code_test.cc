#include "clients/cli/exit_code.h"

#include "clients/cpp/status.h"
#include "gtest/gtest.h"

namespace esockets::cli {
namespace {

TEST(ExitCode, OfEachKindOfFailure) {
  const absl::Status refused = client::ToStatus({.code = 120, .text = "no"});
  EXPECT_EQ(ExitCodeOf(absl::OkStatus()), 0);
  EXPECT_EQ(ExitCodeOf(absl::InvalidArgumentError("")), 1);
  EXPECT_EQ(ExitCodeOf(absl::AlreadyExistsError("")), 1);
  EXPECT_EQ(ExitCodeOf(refused), 3);
  EXPECT_EQ(ExitCodeOf(absl::UnimplementedError("")), 3);
  EXPECT_EQ(ExitCodeOf(absl::DeadlineExceededError("")), 4);
  EXPECT_EQ(ExitCodeOf(absl::UnavailableError("")), 5);
  EXPECT_EQ(ExitCodeOf(absl::CancelledError("")), 130);
  EXPECT_EQ(ConnectExitCodeOf(absl::OkStatus()), 0);
  EXPECT_EQ(ConnectExitCodeOf(absl::InvalidArgumentError("")), 1);
  EXPECT_EQ(ConnectExitCodeOf(absl::UnavailableError("")), 2);
  EXPECT_EQ(ConnectExitCodeOf(refused), 3);
}

TEST(ExitCode, OfWhatBecameOfAMessage) {
  EXPECT_EQ(ExitCodeOf(client::Delivery{}), 0);
  EXPECT_EQ(ExitCodeOf(client::Delivery{.matched = 2, .written = 2}), 0);
  EXPECT_EQ(ExitCodeOf(client::Delivery{.matched = 2, .written = 1, .queued = 1}), 4);
  for (const client::Delivery& lost : {client::Delivery{.matched = 2, .written = 1, .conflated = 1},
                                       client::Delivery{.matched = 2, .queued = 1, .dropped = 1},
                                       client::Delivery{.matched = 1, .gone = 1}}) {
    EXPECT_EQ(ExitCodeOf(lost), 6);
  }
}

}  // namespace
}  // namespace esockets::cli
