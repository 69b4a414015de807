#include "app/config.h"

#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

#include "base/strings.h"
#include "gtest/gtest.h"

namespace esockets::app {
namespace {

std::string ErrorOf(std::string_view text) {
  const absl::StatusOr<LoadedConfig> loaded = ParseConfig(text, "b.textproto");
  return loaded.ok() ? "ok" : std::string(base::Message(loaded.status()));
}

TEST(ParseConfigTest, MistakesHavePlaceAndReason) {
  const struct {
    std::string_view text;
    std::string_view error;
  } kCases[] = {
      {"", "ok"},
      {"# only a comment", "ok"},
      {"limits {}", "ok"},
      {"log_level: \"info\"\nport: 4000\n",
       "b.textproto:2:5: Message type \"esockets.app.Config\" has no field named \"port\"."},
      {"limits {\n  frame_bytes: 1\n}",
       "b.textproto:2:14: Message type \"esockets.app.Limits\" has no field named "
       "\"frame_bytes\"."},
      {"drain_timeout_ms: \"10\"", "b.textproto:1:19: Expected integer, got: \"10\""},
      {"drain_timeout_ms: -1", "b.textproto:1:19: Expected integer, got: -"},
      {"drain_timeout_ms: 4294967296", "b.textproto:1:19: Integer out of range (4294967296)"},
      {"drain_timeout_ms: 1.5", "b.textproto:1:19: Expected integer, got: 1.5"},
      {"log_level: info", "b.textproto:1:12: Expected string, got: info"},
      {"allow_remote_without_auth: maybe",
       "b.textproto:1:33: Invalid value for boolean field \"allow_remote_without_auth\". Value: "
       "\"maybe\"."},
      {"limits: 3", "b.textproto:1:9: Expected \"{\", found \"3\"."},
      {"limits {", "b.textproto:1:9: Expected identifier, got: "},
      {"listen: \"127.0.0.1:1", "b.textproto:1:21: Unexpected end of string."},
      {"log_level: \"info\"\nlog_level: \"error\"",
       "b.textproto:2:10: Non-repeated field \"log_level\" is specified multiple times."},
      {"limits {} limits {}",
       "b.textproto:1:18: Non-repeated field \"limits\" is specified multiple times."},
  };
  for (const auto& test : kCases) EXPECT_EQ(ErrorOf(test.text), test.error) << test.text;
}

TEST(ParseConfigTest, KnowsWhereFieldsWereSet) {
  const absl::StatusOr<LoadedConfig> loaded = ParseConfig(
      "listen: \"127.0.0.1:1\"\n"
      "  listen: \"127.0.0.1:2\"\n"
      "users { name: \"a\" }\n"
      "users {\n"
      "  name: \"b\"\n"
      "}\n"
      "limits { frame_bytes_max: 5000 }\n",
      "b.textproto");
  ASSERT_TRUE(loaded.ok());
  const struct {
    std::string_view path;
    std::string_view place;
  } kCases[] = {
      {"listen", "b.textproto:1:1"},
      {"listen[0]", "b.textproto:1:1"},
      {"listen[1]", "b.textproto:2:3"},
      {"users[0].name", "b.textproto:3:9"},
      {"users[1]", "b.textproto:4:1"},
      {"users[1].name", "b.textproto:5:3"},
      {"users[1].token", "b.textproto:4:1"},
      {"limits.frame_bytes_max", "b.textproto:7:10"},
      {"limits.payload_bytes_max", "b.textproto:7:1"},
      {"log_level", ""},
      {"recv_queue.messages_max", ""},
  };
  for (const auto& test : kCases) EXPECT_EQ(loaded->places.Of(test.path), test.place) << test.path;
}

TEST(PlacesTest, ReplacedFieldsLoseWhatIsBelow) {
  Places places;
  places.Set("listen", "f:1:1");
  places.Set("listen[0]", "f:1:1");
  places.Set("listening", "f:2:1");
  places.Replace("listen", "--port");
  EXPECT_EQ(places.Of("listen[0]"), "--port");
  EXPECT_EQ(places.Of("listening"), "f:2:1");
}

TEST(PlacesTest, MistakesOfDefaultsHaveNoPlace) {
  Places places;
  places.Set("log_level", "f:1:1");
  EXPECT_EQ(base::Message(places.Mistake("log_level", "is wrong")), "f:1:1: log_level: is wrong");
  EXPECT_EQ(base::Message(places.Mistake("listen", "is wrong")), "listen: is wrong");
}

TEST(ReadConfigTest, FilesThatCannotBeRead) {
  const std::string folder = ::testing::TempDir();
  const auto error_of = [](const std::string& path) {
    return std::string(base::Message(ReadConfig(path).status()));
  };
  EXPECT_EQ(error_of(folder + "/none"), folder + "/none: there is no such file");
  EXPECT_EQ(error_of(folder), folder + ": this is a folder");
}

TEST(ReadConfigTest, ReadsAFile) {
  const std::string path = ::testing::TempDir() + "/read.textproto";
  std::ofstream(path) << "drain_timeout_ms: 7\n";
  const absl::StatusOr<LoadedConfig> loaded = ReadConfig(path);
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->config.drain_timeout_ms(), 7U);
  EXPECT_EQ(loaded->places.Of("drain_timeout_ms"), path + ":1:1");
}

}  // namespace
}  // namespace esockets::app
