#include "app/reload.h"

#include <string>
#include <string_view>

#include "base/strings.h"
#include "gtest/gtest.h"

namespace esockets::app {
namespace {

LoadedConfig Parse(std::string_view text) {
  absl::StatusOr<LoadedConfig> loaded = ParseConfig(text, "b.textproto");
  EXPECT_TRUE(loaded.ok()) << loaded.status();
  return *std::move(loaded);
}

TEST(PlanReloadTest, TakesOverWhatCanChange) {
  const Config running = Parse("listen: \"127.0.0.1:7\" log_level: \"info\"").config;
  const absl::StatusOr<Reload> reload = PlanReload(
      running, Parse("listen: \"127.0.0.1:8\" log_level: \"error\" recv_queue { enabled: true }\n"
                     "limits { frame_bytes_max: 2000000 high_watermark_bytes: 5000 }"));
  ASSERT_TRUE(reload.ok()) << reload.status();
  EXPECT_EQ(reload->plan.log_level, base::LogLevel::kError);
  EXPECT_EQ(reload->plan.broker.settings.limits.frame_bytes_max, 2'000'000U);
  EXPECT_EQ(reload->plan.broker.settings.limits.high_watermark_bytes, 256U * 1024);
  EXPECT_FALSE(reload->plan.broker.settings.recv_queue);
  EXPECT_EQ(reload->running.listen(0), "127.0.0.1:7");
  EXPECT_EQ(reload->changes.live.size(), 2U);
  EXPECT_EQ(reload->changes.needs_restart.size(), 3U);

  // What waits for the next start is named again; what has changed is not.
  const absl::StatusOr<Reload> again =
      PlanReload(reload->running, Parse("listen: \"127.0.0.1:8\" log_level: \"error\"\n"
                                        "limits { frame_bytes_max: 2000000 }"));
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->changes.live.empty());
  ASSERT_EQ(again->changes.needs_restart.size(), 1U);
  EXPECT_EQ(again->changes.needs_restart[0].path, "listen");
}

TEST(PlanReloadTest, RefusesMistakes) {
  const struct {
    std::string_view running;
    std::string_view next;
    std::string_view error;
  } kCases[] = {
      {"", "log_level: \"debug\"\nlimits { clients_max: 0 }",
       "b.textproto:2:10: limits.clients_max: must be at least 1, not 0"},
      // Alone it would be right, but the broker goes on to listen where users are needed.
      {"listen: \"0.0.0.0:7\" users { name: \"a\" token: \"t\" }", "listen: \"127.0.0.1:7\"",
       "b.textproto:1:1: listen[0]: without users only loopback is listened on, not 0.0.0.0:7; "
       "configure users, or allow it with --allow_remote_without_auth (with what cannot change "
       "before the next start)"},
      // Right with what runs, but the next start would fail.
      {"listen: \"127.0.0.1:7\"", "listen: \"0.0.0.0:7\"",
       "b.textproto:1:1: listen[0]: without users only loopback is listened on, not 0.0.0.0:7; "
       "configure users, or allow it with --allow_remote_without_auth"},
  };
  for (const auto& test : kCases) {
    const absl::StatusOr<Reload> reload = PlanReload(Parse(test.running).config, Parse(test.next));
    ASSERT_FALSE(reload.ok()) << test.next;
    EXPECT_EQ(base::Message(reload.status()), test.error) << test.next;
  }
}

// The lines without their time.
std::string LogOf(const Reload& reload) {
  ::testing::internal::CaptureStderr();
  LogReload(reload);
  std::string without_time;
  const std::string lines = ::testing::internal::GetCapturedStderr();
  for (size_t at = 0; at < lines.size();) {
    const size_t end = lines.find('\n', at);
    const size_t text = lines.find(' ', at) + 1;
    base::StrAppend(&without_time, lines.substr(text, end + 1 - text));
    at = end + 1;
  }
  return without_time;
}

TEST(LogReloadTest, ALineForEachChangeAndNoSecret) {
  const Config running = Parse("users { name: \"a b\" token: \"s3cret\" }").config;
  const absl::StatusOr<Reload> reload =
      PlanReload(running, Parse("users { name: \"a b\" token: \"t0psecret\" }\n"
                                "limits { clients_max: 7 } listen: \"127.0.0.1:1\""));
  ASSERT_TRUE(reload.ok());
  EXPECT_EQ(LogOf(*reload),
            "info    configuration changed field=\"users[a b].token\" from=hidden to=hidden\n"
            "info    configuration changed field=limits.clients_max from=default to=7\n"
            "warning configuration changes with the next start field=listen from=default "
            "to=127.0.0.1:1\n"
            "info    configuration reloaded changed=2 with_next_start=1\n");
}

TEST(LogReloadTest, SaysThatNothingHasChanged) {
  ::testing::internal::CaptureStderr();
  LogReloadFailed(PlanReload({}, Parse("log_level: \"x\"")).status());
  const std::string line = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(line.find("error   configuration not reloaded, nothing has changed "
                      "reason=\"b.textproto:1:1: log_level: must be debug, info, warning, error "
                      "or off\"\n"),
            std::string::npos)
      << line;
}

}  // namespace
}  // namespace esockets::app
