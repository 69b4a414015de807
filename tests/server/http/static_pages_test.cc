#include "server/http/static_pages.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace esockets::http {
namespace {

namespace fs = std::filesystem;

class StaticPagesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(::testing::TempDir()) / test->name();
    fs::create_directories(folder_ / "sub");
    Write("index.html", "<h1>start</h1>");
    Write("sub/app.js", "let a = 1;");
  }
  void Write(const std::string& name, std::string_view text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  Response Get(std::string target, std::string method = "GET") const {
    Request request;
    request.method = std::move(method);
    request.target = std::move(target);
    return pages_.Answer(request, "hint");
  }

  fs::path folder_;
  StaticPages pages_;
};

TEST_F(StaticPagesTest, FilesHaveTheirPathAndType) {
  ASSERT_TRUE(pages_.Add("/chat", folder_.string()).ok());
  for (const char* path : {"/chat/", "/chat/index.html", "/chat/?a=1"}) {
    EXPECT_EQ(Get(path).body, "<h1>start</h1>") << path;
    EXPECT_EQ(Get(path).content_type, "text/html; charset=utf-8");
  }
  EXPECT_EQ(Get("/chat/sub/app.js").content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(Get("/chat/sub/app.js").content_security_policy.substr(0, 18), "default-src 'self'");
}

TEST_F(StaticPagesTest, AFolderIsToldToBeOne) {
  ASSERT_TRUE(pages_.Add("/chat", folder_.string()).ok());
  ASSERT_TRUE(pages_.Add("/without", (folder_ / "sub").string()).ok());
  EXPECT_EQ(pages_.starts(), std::vector<std::string>{"/chat/"});
  const Response response = Get("/chat");
  EXPECT_EQ(response.status, Status::kPermanentRedirect);
  EXPECT_EQ(response.fields, "Location: /chat/\r\n");
}

TEST_F(StaticPagesTest, NamesMayBeEncoded) {
  fs::create_directories(folder_ / "a b");
  Write("a b/50%.txt", "half");
  ASSERT_TRUE(pages_.Add("/chat", folder_.string() + "/").ok());
  EXPECT_EQ(Get("/chat/a%20b/50%25.txt").body, "half");
  EXPECT_EQ(Get("/%63hat/index.html").body, "<h1>start</h1>");
  EXPECT_EQ(Get("/%63hat").fields, "Location: /%63hat/\r\n");
  EXPECT_EQ(Get("/chat/a%20b/50%.txt").status, Status::kNotFound);
}

TEST_F(StaticPagesTest, NothingElseIsServed) {
  Write(".secret", "hidden");
  fs::create_directories(folder_ / ".git");
  Write(".git/config", "hidden");
  fs::create_symlink("/etc/passwd", folder_ / "link");
  ASSERT_TRUE(pages_.Add("/chat", folder_.string()).ok());
  for (const char* path :
       {"/", "/chat/.secret", "/chat/.git/config", "/chat/link", "/chat/../etc/passwd", "/chat/sub",
        "/chat/%2e%2e/x", "//chat", "/chat/sub/../index.html", ""}) {
    const Response response = Get(path);
    EXPECT_EQ(response.status, Status::kNotFound) << path;
    EXPECT_EQ(response.body, "404 Not Found: hint\n");
  }
  const Response posted = Get("/chat/", "POST");
  EXPECT_EQ(posted.status, Status::kMethodNotAllowed);
  EXPECT_EQ(posted.fields, "Allow: GET, HEAD\r\n");
}

TEST_F(StaticPagesTest, WhoHasItIsToldSo) {
  ASSERT_TRUE(pages_.Add("/", folder_.string()).ok());
  const Response first = Get("/");
  ASSERT_TRUE(first.fields.starts_with("ETag: \"")) << first.fields;
  Request again;
  again.method = "GET";
  again.target = "/";
  again.fields.emplace_back("if-none-match", first.fields.substr(6, first.fields.size() - 8));
  EXPECT_EQ(pages_.Answer(again, "").status, Status::kNotModified);
  EXPECT_EQ(pages_.Answer(again, "").body, "");
}

TEST_F(StaticPagesTest, MistakesAreTold) {
  EXPECT_EQ(pages_.Add("chat", folder_.string()).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(pages_.Add("/chat/", folder_.string()).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(pages_.Add("/chat", "/no/such/folder").code(), absl::StatusCode::kNotFound);
  fs::create_directories(folder_ / "large");
  fs::resize_file(folder_ / "index.html", kPagesBytesMax + 1);
  EXPECT_EQ(pages_.Add("/chat", folder_.string()).code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace esockets::http
