#include "base/password_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "base/strings.h"
#include "gtest/gtest.h"

namespace esockets::base {
namespace {

constexpr PasswordCost kCheap{.memory_kib = kPasswordMemoryKibMin, .passes = 1};
constexpr std::string_view kHash =
    "$argon2id$v=19$m=8192,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
    "GnaCTiV7tTUvdZiDh9vaEIi43kDv7OkW5YMpYosSP98";

std::string Line(std::string_view user) { return StrCat(user, ":", kHash, "\n"); }

class PasswordFileTest : public testing::Test {
 protected:
  PasswordFileTest() {
    std::string folder = (std::filesystem::path(testing::TempDir()) / "passwd.XXXXXX").string();
    folder_ = ::mkdtemp(folder.data());
    path_ = (folder_ / "passwords").string();
  }
  ~PasswordFileTest() override { std::filesystem::remove_all(folder_); }

  void WriteText(std::string_view text) { std::ofstream(path_, std::ios::binary) << text; }
  std::string Text() {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  mode_t Mode() {
    struct stat found {};
    EXPECT_EQ(::stat(path_.c_str(), &found), 0);
    return found.st_mode & 07777;
  }

  std::filesystem::path folder_;
  std::string path_;
};

TEST_F(PasswordFileTest, UsersAreAddedChangedAndRemoved) {
  auto file = PasswordFile::Parse("# our users\n\n" + Line("ann"), "f");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(file->Set("bob", PasswordHash::Of("b", kCheap)).ok());
  EXPECT_TRUE(file->Set("ann", PasswordHash::Of("a", kCheap)).ok());
  const auto entries = file->Entries();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].user, "ann");
  EXPECT_TRUE(entries[0].hash.Matches("a"));
  EXPECT_TRUE(entries[1].hash.Matches("b"));
  EXPECT_TRUE(file->Remove("ann"));
  EXPECT_FALSE(file->Remove("ann"));
  EXPECT_FALSE(file->Remove(""));
  EXPECT_EQ(file->ToText(), StrCat("# our users\n\nbob:", entries[1].hash.text(), "\n"));
}

TEST_F(PasswordFileTest, WhatIsHalfWrittenOrWrongIsRefusedWithItsLine) {
  const std::string ann = Line("ann");
  const struct {
    std::string text;
    std::string_view why;
  } kCases[] = {
      {ann + Line("bob").substr(0, 60), "f:2: the last line is cut off"},
      {ann.substr(0, ann.size() - 1), "f:1: the last line is cut off"},
      {ann + "bob\n", "f:2: this is no USER:HASH"},
      {ann + "bob:secret\n", "f:2: the password's hash is not one of argon2id, version 19"},
      {ann + "\n" + ann, "f:3: this user has a line already"},
      {StrCat(":", kHash, "\n"), "f:1: there is no name"},
      {Line(" ann"), "f:1: a space begins or ends the name"},
      {Line("a\tn"), "f:1: the name has a colon or a control character"},
      {Line("a\xFF"), "f:1: the name is no valid UTF-8"},
      {Line(std::string(257, 'a')), "f:1: the name is longer than 256 bytes"},
  };
  for (const auto& test : kCases) {
    const auto file = PasswordFile::Parse(test.text, "f");
    ASSERT_FALSE(file.ok()) << test.text;
    EXPECT_EQ(Message(file.status()), test.why);
  }
}

TEST_F(PasswordFileTest, NamesThatALineCannotHoldAreNotTaken) {
  PasswordFile file;
  for (const std::string_view name : {"", "a:b", "#a", "a\nb:x"}) {
    EXPECT_FALSE(file.Set(name, PasswordHash::Of("x", kCheap)).ok()) << name;
  }
  EXPECT_EQ(file.ToText(), "");
}

TEST_F(PasswordFileTest, ANewFileIsItsOwnersAndAnOldOneKeepsItsRights) {
  auto file = PasswordFile::Parse(Line("ann"), "f");
  ASSERT_TRUE(file->Write(path_).ok());
  EXPECT_EQ(Mode(), 0600U);
  EXPECT_EQ(Text(), Line("ann"));
  ASSERT_EQ(::chmod(path_.c_str(), 0640), 0);
  ASSERT_TRUE(file->Set("bob", PasswordHash::Of("b", kCheap)).ok());
  ASSERT_TRUE(file->Write(path_).ok());
  EXPECT_EQ(Mode(), 0640U);
  EXPECT_EQ(PasswordFile::Read(path_)->Entries().size(), 2U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1)
      << "nothing lies about";
}

TEST_F(PasswordFileTest, ALinkStaysOne) {
  const std::string target = (folder_ / "target").string();
  ASSERT_EQ(::symlink(target.c_str(), path_.c_str()), 0);
  std::ofstream(target) << Line("ann");
  auto file = PasswordFile::Read(path_);
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE(file->Set("bob", PasswordHash::Of("b", kCheap)).ok());
  ASSERT_TRUE(file->Write(path_).ok());
  EXPECT_TRUE(std::filesystem::is_symlink(path_));
  EXPECT_EQ(PasswordFile::Read(target)->Entries().size(), 2U);
}

TEST_F(PasswordFileTest, WhatCannotBeReadOrWrittenSaysWhy) {
  EXPECT_EQ(PasswordFile::Read(path_).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Message(PasswordFile::Read(folder_.string()).status()),
            StrCat(folder_.string(), ": this is a folder"));
  const std::string nowhere = (folder_ / "none" / "passwords").string();
  EXPECT_EQ(Message(PasswordFile().Write(nowhere)), StrCat(nowhere, ": No such file or directory"));
}

}  // namespace
}  // namespace esockets::base
