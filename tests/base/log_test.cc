#include "base/log.h"

#include <string>

#include "gtest/gtest.h"

namespace esockets::base {
namespace {

TEST(Log, EscapesWhatClientsSent) {
  const struct {
    std::string_view text, escaped;
  } kCases[] = {
      {"plain-text_1", "plain-text_1"},
      {"", "\"\""},
      {"two words", "\"two words\""},
      {"a=b", "\"a=b\""},
      {"line\nfeed", "line\\x0afeed"},
      {"\x1b[31mred", "\\x1b[31mred"},
      {"say \"hi\"", "\"say \\x22hi\\x22\""},
      {"back\\slash", "back\\x5cslash"},
      {"\xc3\xa9\x7f\xff", "\\xc3\\xa9\\x7f\\xff"},
      {std::string_view("nul\0", 4), "nul\\x00"},
  };
  for (const auto& c : kCases) EXPECT_EQ(EscapeForLog(c.text), c.escaped);
}

TEST(Log, KnowsItsLevels) {
  for (const std::string_view word : {"debug", "info", "warning", "error", "off"}) {
    LogLevel level;
    ASSERT_TRUE(ParseLogLevel(word, &level)) << word;
    SetLogLevel(level);
    EXPECT_EQ(GetLogLevel(), level);
  }
  LogLevel level = LogLevel::kError;
  EXPECT_FALSE(ParseLogLevel("loud", &level));
  EXPECT_FALSE(ParseLogLevel("Info", &level));
  EXPECT_EQ(level, LogLevel::kError);
}

TEST(Log, WritesOneLineWithFields) {
  SetLogLevel(LogLevel::kInfo);
  testing::internal::CaptureStderr();
  Log(LogLevel::kDebug, "below the level");
  Log(LogLevel::kInfo, "client connected",
      {{"id", 7}, {"name", "two\nlines"}, {"far", uint64_t{1} << 40}, {"off", -3}});
  const std::string line = testing::internal::GetCapturedStderr();
  const std::string time = line.substr(0, 24);
  EXPECT_EQ(time.find_first_not_of("0123456789-T:.Z"), std::string::npos) << line;
  EXPECT_EQ(line.substr(24),
            " info    client connected id=7 name=two\\x0alines far=1099511627776 off=-3\n");
}

TEST(Log, OffIsSilent) {
  SetLogLevel(LogLevel::kOff);
  testing::internal::CaptureStderr();
  Log(LogLevel::kError, "nobody hears");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace esockets::base
