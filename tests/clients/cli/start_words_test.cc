#include "clients/cli/start_words.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace esockets::cli {
namespace {

constexpr int64_t kNowUs = 1'000'000'000'000'000;

TEST(StartWords, EachWordIsAStart) {
  using At = client::Start::At;
  static constexpr struct {
    std::string_view text;
    At at;
    uint64_t number;
    uint64_t epoch;
  } kCases[] = {{"", At::kNow, 0, 0},
                {"now", At::kNow, 0, 0},
                {"all", At::kTime, 1, 0},
                {"last:10", At::kLast, 10, 0},
                {"each:1", At::kLastOfEachTopic, 1, 0},
                {"17@99", At::kAfterPosition, 17, 99},
                {"0@99", At::kAfterPosition, 0, 99},
                {"90s", At::kTime, 999'999'910'000'000, 0},
                {"10m", At::kTime, 999'999'400'000'000, 0},
                {"2h", At::kTime, 999'992'800'000'000, 0},
                {"1d", At::kTime, 999'913'600'000'000, 0},
                {"99999999d", At::kTime, 1, 0},
                {"1970-01-01T00:00:01Z", At::kTime, 1'000'000, 0},
                {"1970-01-02T00:00:00.25Z", At::kTime, 86'400'250'000, 0}};
  for (const auto& test : kCases) {
    const auto start = ParseStart(test.text, kNowUs);
    ASSERT_TRUE(start.ok()) << start.status();
    EXPECT_EQ(start->at(), test.at) << test.text;
    EXPECT_EQ(start->number(), test.number) << test.text;
    EXPECT_EQ(start->epoch(), test.epoch) << test.text;
  }
}

TEST(StartWords, EverythingElseIsNone) {
  for (const std::string_view text :
       {"17", "last", "last:", "last:0", "last:-1", "first:1", "@", "1@", "@1", "10", "10x", "m",
        "2026-01-31", "2026-01-31T12:00:00", "2026-01-31T12:00:00.Z", "2026-01-31T12:00:00+1Z",
        "2026-13-31T12:00:00Z", "ALL"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseStart(text, kNowUs).status())) << text;
  }
}

TEST(StartWords, WhereItBegins) {
  client::StreamStart start{
      .filter = "chat/#", .name = "chat", .epoch = 99, .position = 17, .recovered = true};
  EXPECT_EQ(FormatStart(start, "begins"), "chat/# begins behind 17@99 of the stream chat");
  start.recovered = false;
  EXPECT_EQ(FormatStart(start, "goes on"),
            "chat/# goes on behind 17@99 of the stream chat; what was before is not all there any "
            "more");
}

}  // namespace
}  // namespace esockets::cli
