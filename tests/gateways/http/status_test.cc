#include "gateways/http/status.h"

#include <fstream>
#include <iterator>
#include <string>

#include "base/strings.h"
#include "gtest/gtest.h"

namespace esockets::http {
namespace {

TEST(StatusTest, EveryRefusalOfTheBrokerHasOne) {
  for (const broker::ErrorInfo& error : broker::AllErrors()) {
    EXPECT_GE(StatusOf(error.code), Status::kBadRequest) << error.name;
  }
  EXPECT_EQ(StatusOf(broker::ErrorCode::kNoSuchClient), Status::kNotFound);
  EXPECT_EQ(StatusOf(broker::ErrorCode::kNoSuchStream), Status::kNotFound);
  EXPECT_EQ(StatusOf(broker::ErrorCode::kAdminBadRequest), Status::kBadRequest);
  EXPECT_EQ(StatusOf(broker::ErrorCode::kBrokerBusy), Status::kUnavailable);
}

TEST(StatusTest, TheyAreInOrder) {
  Status last{};
  for (const StatusInfo& info : AllStatuses()) {
    EXPECT_GT(info.status, last);
    last = info.status;
    EXPECT_EQ(&Info(info.status), &info);
  }
}

// docs/OPERATIONS.md has the same table: status, phrase, advice.
TEST(StatusTest, TheDocumentHasEachWithItsAdvice) {
  std::ifstream file("docs/OPERATIONS.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  for (const StatusInfo& info : AllStatuses()) {
    const std::string row =
        base::StrCat("\n| ", static_cast<uint32_t>(info.status), " ", info.phrase, " | ");
    const size_t at = text.find(row);
    ASSERT_NE(at, std::string::npos) << row;
    const std::string line = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
    EXPECT_TRUE(line.ends_with(base::StrCat(" | ", info.advice, " |"))) << line;
  }
}

}  // namespace
}  // namespace esockets::http
