#include "gateways/http/response.h"

#include <string>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace esockets::http {
namespace {

TEST(ResponseTest, BytesOfAnAnswer) {
  const std::string bytes = Encode(PlainText("ok\n"), true);
  EXPECT_TRUE(
      bytes.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
                        "Content-Length: 3\r\nConnection: keep-alive\r\n"))
      << bytes;
  EXPECT_TRUE(bytes.ends_with("\r\n\r\nok\n")) << bytes;
  // No page of another origin may read it.
  EXPECT_EQ(bytes.find("Access-Control"), std::string::npos);
  EXPECT_NE(bytes.find("\r\nCross-Origin-Resource-Policy: same-origin\r\n"), std::string::npos);
  EXPECT_NE(bytes.find("\r\nX-Content-Type-Options: nosniff\r\n"), std::string::npos);
}

TEST(ResponseTest, HeadHasTheLengthAndNotTheBody) {
  const std::string bytes = Encode(PlainText("ok\n"), false, /*head_only=*/true);
  EXPECT_NE(bytes.find("Content-Length: 3\r\nConnection: close\r\n"), std::string::npos) << bytes;
  EXPECT_TRUE(bytes.ends_with("\r\n\r\n")) << bytes;
}

TEST(ResponseTest, OneFieldMore) {
  Response response = Refusal(Status::kMethodNotAllowed, "PUT");
  response.field = "Allow: GET";
  EXPECT_NE(Encode(response, true).find("\r\nAllow: GET\r\n"), std::string::npos);
}

TEST(ResponseTest, RefusalsAreJson) {
  const Response response = Refusal(Status::kNotFound, "no \"such\" \x01 path");
  EXPECT_EQ(response.status, Status::kNotFound);
  const auto error = nlohmann::json::parse(response.body)["error"];
  EXPECT_EQ(error["status"], 404);
  EXPECT_EQ(error["text"], "Not Found");
  EXPECT_EQ(error["detail"], "no \"such\" \x01 path");
  EXPECT_EQ(error["advice"], Info(Status::kNotFound).advice);
}

TEST(ResponseTest, RefusalsOfTheBrokerHaveItsCode) {
  const Response response = Refusal(broker::ErrorCode::kRecvQueueOff, "");
  EXPECT_EQ(response.status, Status::kConflict);
  const auto error = nlohmann::json::parse(response.body)["error"];
  EXPECT_EQ(error["status"], 409);
  EXPECT_EQ(error["code"], 143);
  EXPECT_EQ(error["name"], "RECV_QUEUE_OFF");
}

TEST(ResponseTest, WhatIsNoTextIsReplaced) {
  const Response response = Refusal(Status::kBadRequest, "\xff\xfe");
  EXPECT_TRUE(nlohmann::json::accept(response.body)) << response.body;
}

}  // namespace
}  // namespace esockets::http
