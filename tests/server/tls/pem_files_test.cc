#include "server/tls/pem_files.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "server/tls/limits.h"
#include "tests/support/test_authority.h"
#include "tests/support/unreadable_files.h"

namespace esockets::tls {
namespace {

using tests::ContentOf;
using tests::Damaged;
using tests::TestAuthority;

class PemFilesTest : public testing::Test {
 protected:
  std::string Write(const std::string& text) {
    std::string path = base::StrCat(authority.directory(), "/file", ++files, ".pem");
    std::ofstream(path) << text;
    return path;
  }
  // "of PATH: why" without the path, or "" of success.
  static std::string Why(const absl::Status& status, const std::string& path) {
    EXPECT_EQ(ERR_peek_error(), 0u) << "an error is left for the next call";
    if (status.ok()) return "";
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    const std::string message(status.message());
    const std::string begin = path + ": ";
    return message.starts_with(begin) ? message.substr(begin.size()) : message;
  }

  TestAuthority authority;
  const tests::IssuedCertificate own = authority.Issue({.common_name = "own"});
  const std::string pem = ContentOf(own.chain_file);
  int files = 0;
};

TEST_F(PemFilesTest, FilesThatCannotBeRead) {
  const tests::UnreadableFiles unreadable(authority.directory(), kFileBytesMax);
  for (const auto& [path, why] : unreadable.all()) {
    EXPECT_EQ(Why(ReadPemFile(path).status(), path), why);
    EXPECT_EQ(Why(ReadCertificates(path).status(), path), why);
  }
}

TEST_F(PemFilesTest, AWholeFile) {
  const std::string text("a\0b\r\nc", 6);
  EXPECT_EQ(ReadPemFile(Write(text))->text, text);
  EXPECT_EQ(ReadPemFile(Write(""))->text, "");
  const std::string largest = Write("");
  std::filesystem::resize_file(largest, kFileBytesMax);
  const auto read = ReadPemFile(largest);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->text.size(), kFileBytesMax);
}

TEST_F(PemFilesTest, Certificates) {
  const std::string other = ContentOf(authority.Issue({.common_name = "other"}).chain_file);
  const std::string key = ContentOf(own.key_file);
  struct Case {
    std::string text;
    size_t count;
    std::string why;
  };
  const std::vector<Case> cases = {
      {pem, 1, ""},
      {pem + other + pem, 3, ""},
      {"Subject: own\n" + pem + "\n# the next\n" + other + "\nend", 2, ""},
      {key + pem, 1, ""},  // what else is in it is not looked at
      {pem + key, 1, ""},
      {"", 0, "there is no certificate in PEM"},
      {"hello", 0, "there is no certificate in PEM"},
      {key, 0, "there is no certificate in PEM"},
      {Damaged(pem), 0, "there is no certificate in PEM"},
      {pem + Damaged(other), 0, "certificate 2 is damaged"},
      {pem + other + Damaged(pem), 0, "certificate 3 is damaged"},
      {pem + Damaged(other) + pem, 0, "certificate 2 is damaged"},
      {pem + other.substr(0, other.size() / 2), 0, "certificate 2 is damaged"},
  };
  for (const auto& [text, count, why] : cases) {
    const std::string path = Write(text);
    const auto read = ReadCertificates(path);
    EXPECT_EQ(Why(read.status(), path), why) << text;
    EXPECT_EQ(read.ok() ? read->size() : 0, count) << text;
  }
}

TEST_F(PemFilesTest, Revocations) {
  const std::string list = ContentOf(authority.Revoke({own.serial}));
  const struct {
    std::string text;
    size_t count;
    std::string why;
  } kCases[] = {
      {list, 1, ""},
      {list + pem + list, 2, ""},
      {"", 0, "there is no list of revocations in PEM"},
      {pem, 0, "there is no list of revocations in PEM"},
      {Damaged(list), 0, "there is no list of revocations in PEM"},
      {list + Damaged(list), 0, "list 2 is damaged"},
  };
  for (const auto& [text, count, why] : kCases) {
    const PemFile file{.path = "f", .text = text};
    const auto read = RevocationsIn(file);
    EXPECT_EQ(Why(read.status(), "f"), why) << text;
    EXPECT_EQ(read.ok() ? read->size() : 0, count) << text;
  }
}

TEST_F(PemFilesTest, PrivateKeys) {
  const std::string key = ContentOf(own.key_file);
  const std::string none = "there is no private key in PEM, or it is encrypted";
  const struct {
    std::string text;
    std::string why;
  } kCases[] = {{key, ""}, {pem + key, ""}, {"", none}, {pem, none}, {Damaged(key), none}};
  for (const auto& [text, why] : kCases) {
    EXPECT_EQ(Why(PrivateKeyIn({.path = "f", .text = text}).status(), "f"), why) << text;
  }
}

TEST_F(PemFilesTest, ErrorsOfBeforeAreNotTakenForThose) {
  ERR_raise(ERR_LIB_PEM, PEM_R_BAD_BASE64_DECODE);
  EXPECT_TRUE(ReadCertificates(own.chain_file).ok());
}

}  // namespace
}  // namespace esockets::tls
