#include "base/whole_file.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "tests/support/unreadable_files.h"

namespace esockets::base {
namespace {

class WholeFileTest : public testing::Test {
 protected:
  WholeFileTest() {
    // Short: the path of a socket has 108 bytes.
    std::string folder = "/tmp/whole_file.XXXXXX";
    folder_ = ::mkdtemp(folder.data());
  }
  ~WholeFileTest() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
};

TEST_F(WholeFileTest, IsReadUpToTheLimit) {
  const std::string path = folder_ + "/file";
  std::string text(9999, 'x');
  text += '\0';
  std::ofstream(path, std::ios::binary) << text;
  const auto read = ReadWholeFile(path, 10'000);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, text);
  EXPECT_EQ(Message(ReadWholeFile(path, 9'999).status()), "is too large");
  std::ofstream(path, std::ios::trunc).flush();
  EXPECT_EQ(*ReadWholeFile(path, 0), "");
}

TEST_F(WholeFileTest, IsMadeOnceAndForThisUserAlone) {
  const std::string path = folder_ + "/file";
  ASSERT_TRUE(MakeFile(path, "first").ok());
  struct stat found {};
  ASSERT_EQ(::stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
  EXPECT_TRUE(MakeFile(path, "second").ok()) << "there is one";
  EXPECT_EQ(*ReadWholeFile(path, 100), "first");
  const auto files = std::filesystem::directory_iterator(folder_);
  EXPECT_EQ(std::distance(begin(files), end(files)), 1) << "nothing is left beside it";
}

TEST_F(WholeFileTest, IsReplacedWithTheRightsThatItHad) {
  const std::string path = folder_ + "/file";
  ASSERT_TRUE(ReplaceFile(path, "first").ok());
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  ASSERT_TRUE(ReplaceFile(path, "second").ok());
  EXPECT_EQ(*ReadWholeFile(path, 100), "second");
  struct stat found {};
  ASSERT_EQ(::stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0640U);
}

TEST_F(WholeFileTest, WhatCannotBeWrittenSaysWhy) {
  const std::string path = folder_ + "/nowhere/file";
  EXPECT_EQ(Message(MakeFile(path, "x")), StrCat(path, ": No such file or directory"));
  EXPECT_EQ(Message(ReplaceFile(path, "x")), StrCat(path, ": No such file or directory"));
}

TEST_F(WholeFileTest, WhatCannotBeReadSaysWhy) {
  const tests::UnreadableFiles files(folder_, 1000);
  for (const auto& [path, why] : files.all()) {
    EXPECT_EQ(Message(ReadWholeFile(path, 1000).status()), why) << path;
  }
}

}  // namespace
}  // namespace esockets::base
