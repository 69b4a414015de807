#include "gateways/http/refusal.h"

#include <fstream>
#include <iterator>
#include <string>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace esockets::http {
namespace {

TEST(RefusalTest, EveryRefusalOfTheBrokerHasOne) {
  for (const broker::ErrorInfo& error : broker::AllErrors()) {
    EXPECT_GE(StatusOf(error.code), Status::kBadRequest) << error.name;
  }
  EXPECT_EQ(StatusOf(broker::ErrorCode::kNoSuchClient), Status::kNotFound);
  EXPECT_EQ(StatusOf(broker::ErrorCode::kNoSuchStream), Status::kNotFound);
  EXPECT_EQ(StatusOf(broker::ErrorCode::kAdminBadRequest), Status::kBadRequest);
  EXPECT_EQ(StatusOf(broker::ErrorCode::kBrokerBusy), Status::kUnavailable);
}

TEST(RefusalTest, TheyAreInOrder) {
  Status last{};
  for (const StatusAdvice& info : AllAdvice()) {
    EXPECT_GT(info.status, last);
    last = info.status;
    EXPECT_EQ(Advice(info.status), info.advice);
  }
}

// docs/OPERATIONS.md has the same table: status, phrase, advice.
TEST(RefusalTest, TheDocumentHasEachWithItsAdvice) {
  std::ifstream file("docs/OPERATIONS.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  for (const StatusAdvice& info : AllAdvice()) {
    const std::string row =
        base::StrCat("\n| ", static_cast<uint32_t>(info.status), " ", Phrase(info.status), " | ");
    const size_t at = text.find(row);
    ASSERT_NE(at, std::string::npos) << row;
    const std::string line = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
    EXPECT_TRUE(line.ends_with(base::StrCat(" | ", info.advice, " |"))) << line;
  }
}

TEST(RefusalTest, RefusalsAreJson) {
  const Response response = Refusal(Status::kNotFound, "no \"such\" \x01 path");
  EXPECT_EQ(response.status, Status::kNotFound);
  const auto error = nlohmann::json::parse(response.body)["error"];
  EXPECT_EQ(error["status"], 404);
  EXPECT_EQ(error["text"], "Not Found");
  EXPECT_EQ(error["detail"], "no \"such\" \x01 path");
  EXPECT_EQ(error["advice"], Advice(Status::kNotFound));
}

TEST(RefusalTest, RefusalsOfTheBrokerHaveItsCode) {
  const Response response = Refusal(broker::ErrorCode::kRecvQueueOff, "");
  EXPECT_EQ(response.status, Status::kConflict);
  const auto error = nlohmann::json::parse(response.body)["error"];
  EXPECT_EQ(error["status"], 409);
  EXPECT_EQ(error["code"], 143);
  EXPECT_EQ(error["name"], "RECV_QUEUE_OFF");
}

TEST(RefusalTest, WhatIsNoTextIsReplaced) {
  const Response response = Refusal(Status::kBadRequest, "\xff\xfe");
  EXPECT_TRUE(nlohmann::json::accept(response.body)) << response.body;
}

}  // namespace
}  // namespace esockets::http
