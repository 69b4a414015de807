#include "gateways/websocket/pages.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "server/http/response.h"

namespace esockets::websocket {
namespace {

http::Response Ask(Pages& pages, std::string target) {
  http::Request request;
  request.method = "GET";
  request.target = std::move(target);
  http::Response answer;
  pages.Handle(request, [&](http::Response response) { answer = std::move(response); });
  return answer;
}

TEST(Pages, WithoutAnyThereIsAWordOfHelp) {
  Pages pages(std::make_shared<http::StaticPages>());
  const http::Response help = Ask(pages, "/");
  EXPECT_EQ(help.status, http::Status::kUpgradeRequired);
  EXPECT_NE(help.body.find("esockets.v1"), std::string::npos);
  EXPECT_EQ(help.upgrade, "websocket");
  EXPECT_EQ(Ask(pages, "/x").status, http::Status::kNotFound);
}

TEST(Pages, AreServedWhereThereAreSome) {
  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "pages";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "index.html") << "<p>hello";
  auto files = std::make_shared<http::StaticPages>();
  ASSERT_TRUE(files->Add("/", folder.string()).ok());
  Pages pages(files);
  EXPECT_EQ(Ask(pages, "/").body, "<p>hello");
  EXPECT_EQ(Ask(pages, "/none").status, http::Status::kNotFound);
}

}  // namespace
}  // namespace esockets::websocket
