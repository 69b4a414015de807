#include "base/whole_file.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
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

TEST_F(WholeFileTest, WhatCannotBeReadSaysWhy) {
  const tests::UnreadableFiles files(folder_, 1000);
  for (const auto& [path, why] : files.all()) {
    EXPECT_EQ(Message(ReadWholeFile(path, 1000).status()), why) << path;
  }
}

}  // namespace
}  // namespace esockets::base
