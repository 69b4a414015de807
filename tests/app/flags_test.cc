#include "app/flags.h"

#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/plan.h"
#include "base/strings.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace esockets::app {
namespace {

std::optional<int> Parse(const std::vector<std::string>& words, Flags* flags) {
  std::vector<std::string> line = {"broker"};
  line.insert(line.end(), words.begin(), words.end());
  std::vector<char*> argv;
  argv.reserve(line.size());
  for (std::string& word : line) argv.push_back(word.data());
  return ParseFlags(static_cast<int>(argv.size()), argv.data(), flags);
}

std::string ConfigText(const Config& config) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string text;
  EXPECT_TRUE(printer.PrintToString(config, &text));
  return text;
}

std::string FileWith(std::string_view text) {
  std::string path = ::testing::TempDir() + "/flags.textproto";
  std::ofstream(path) << text;
  return path;
}

TEST(FlagsTest, OverrideTheFile) {
  const struct {
    std::string_view file;
    std::vector<std::string> words;
    std::string_view config;
  } kCases[] = {
      {"", {}, ""},
      {"", {"--port=4000"}, "listen: \"127.0.0.1:4000\" "},
      {"", {"--port", "0"}, "listen: \"127.0.0.1:0\" "},
      {"", {"--host=0.0.0.0"}, "listen: \"0.0.0.0:1234\" "},
      {"", {"--host=::1", "--port=7"}, "listen: \"[::1]:7\" "},
      {"listen: \"127.0.0.1:1\" listen: \"127.0.0.1:2\"", {"--port=7"}, "listen: \"127.0.0.1:7\" "},
      {"listen: \"127.0.0.1:1\"",
       {"--listen=[::1]:2", "--listen=unix:/tmp/x"},
       "listen: \"[::1]:2\" listen: \"unix:/tmp/x\" "},
      {"admin_listen: \"127.0.0.1:1\" admin_listen: \"127.0.0.1:2\"",
       {"--admin_listen=off"},
       "admin_listen: \"off\" "},
      {"",
       {"--admin_listen=[::1]:2", "--admin_listen=unix:/tmp/x"},
       "admin_listen: \"[::1]:2\" admin_listen: \"unix:/tmp/x\" "},
      {"log_level: \"error\" drain_timeout_ms: 1",
       {"--log_level=debug", "--drain_timeout_ms=5"},
       "log_level: \"debug\" drain_timeout_ms: 5 "},
      {"recv_queue { messages_max: 9 }",
       {"--recv_queue"},
       "recv_queue { enabled: true messages_max: 9 } "},
      {"", {"--allow_remote_without_auth"}, "allow_remote_without_auth: true "},
      {"log_level: \"error\"", {}, "log_level: \"error\" "},
  };
  for (const auto& test : kCases) {
    std::vector<std::string> words = test.words;
    if (!test.file.empty()) words.push_back("--config=" + FileWith(test.file));
    Flags flags;
    ASSERT_EQ(Parse(words, &flags), std::nullopt) << test.config;
    const absl::StatusOr<LoadedConfig> loaded = LoadConfig(flags);
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    EXPECT_EQ(ConfigText(loaded->config), test.config);
  }
}

TEST(FlagsTest, WrongOnesEndWithTwo) {
  const std::vector<std::string> kCases[] = {
      {"--prot=1"},
      {"--port=65536"},
      {"--port=-1"},
      {"--port=x"},
      {"--port"},
      {"--drain_timeout_ms=soon"},
      {"--listen=127.0.0.1:1", "--port=1"},
      {"--listen=127.0.0.1:1", "--host=127.0.0.1"},
      {"4000"},
  };
  for (const auto& words : kCases) {
    ::testing::internal::CaptureStderr();
    Flags flags;
    EXPECT_EQ(Parse(words, &flags), 2) << words[0];
    EXPECT_NE(::testing::internal::GetCapturedStderr(), "") << words[0];
  }
}

TEST(FlagsTest, HelpAndVersionEndWithZero) {
  for (const std::string word : {"--help", "--version"}) {
    ::testing::internal::CaptureStdout();
    Flags flags;
    EXPECT_EQ(Parse({word}, &flags), 0);
    EXPECT_NE(::testing::internal::GetCapturedStdout(), "");
  }
}

TEST(FlagsTest, MistakesNameTheFlag) {
  const struct {
    std::vector<std::string> words;
    std::string_view error;
  } kCases[] = {
      {{"--host=example"},
       "--host: listen[0]: address \"example:1234\": write an IPv4 address, an IPv6 address in "
       "[brackets], or localhost"},
      {{"--listen=127.0.0.1:1", "--listen=7"},
       "--listen: listen[1]: address \"7\": no port; write HOST:PORT"},
      {{"--admin_listen=7"},
       "--admin_listen: admin_listen[0]: address \"7\": no port; write HOST:PORT"},
      {{"--log_level=loud"}, "--log_level: log_level: must be debug, info, warning, error or off"},
  };
  for (const auto& test : kCases) {
    Flags flags;
    ASSERT_EQ(Parse(test.words, &flags), std::nullopt);
    flags.config = FileWith("listen: \"127.0.0.1:1\" log_level: \"info\"");
    const absl::StatusOr<Plan> plan = MakePlan(*LoadConfig(flags));
    ASSERT_FALSE(plan.ok());
    EXPECT_EQ(base::Message(plan.status()), test.error);
  }
}

TEST(FlagsTest, AFileThatIsWrongIsAnError) {
  Flags flags;
  flags.config = FileWith("port: 1");
  EXPECT_EQ(
      base::Message(LoadConfig(flags).status()),
      flags.config + ":1:5: Message type \"esockets.app.Config\" has no field named \"port\".");
}

// Bazel starts programs in a folder of its own.
TEST(FlagsTest, PathsAreWhereTheUserIs) {
  ::setenv("BUILD_WORKING_DIRECTORY", "/somewhere", 1);
  const struct {
    std::string_view given;
    std::string_view path;
  } kCases[] = {{"b.textproto", "/somewhere/b.textproto"}, {"/b.textproto", "/b.textproto"}};
  for (const auto& test : kCases) {
    Flags flags;
    ASSERT_EQ(Parse({base::StrCat("--config=", test.given)}, &flags), std::nullopt);
    EXPECT_EQ(flags.config, test.path);
  }
  Flags none;
  ASSERT_EQ(Parse({}, &none), std::nullopt);
  EXPECT_EQ(none.config, "");
  ::unsetenv("BUILD_WORKING_DIRECTORY");
}

}  // namespace
}  // namespace esockets::app
