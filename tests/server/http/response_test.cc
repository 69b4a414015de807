#include "server/http/response.h"

#include <string>

#include "gtest/gtest.h"

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
  Response response = PlainRefusal(Status::kMethodNotAllowed, "PUT");
  EXPECT_EQ(response.body, "405 Method Not Allowed: PUT\n");
  response.fields = "Allow: GET\r\n";
  EXPECT_NE(Encode(response, true).find("\r\nAllow: GET\r\n"), std::string::npos);
}

// RFC 9110, section 7.8.
TEST(ResponseTest, AnUpgradeIsNamedInConnection) {
  Response response = PlainRefusal(Status::kUpgradeRequired, "hint");
  response.upgrade = "websocket";
  EXPECT_NE(
      Encode(response, false).find("\r\nConnection: close, Upgrade\r\nUpgrade: websocket\r\n"),
      std::string::npos);
}

}  // namespace
}  // namespace esockets::http
