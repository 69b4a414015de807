#include "app/config_changes.h"

#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace esockets::app {
namespace {

Config Parse(std::string_view text) {
  Config config;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(std::string(text), &config)) << text;
  return config;
}

std::string Text(const std::vector<ConfigChange>& changes) {
  std::string text;
  for (const ConfigChange& change : changes) {
    base::StrAppend(&text, change.path, ": ", change.from, " -> ", change.to, "\n");
  }
  return text;
}

TEST(CompareConfigsTest, EachFieldThatDiffers) {
  const struct {
    std::string_view before;
    std::string_view after;
    std::string_view live;
    std::string_view needs_restart = "";
  } kCases[] = {
      {"", "", ""},
      {"", "limits {} recv_queue {}", ""},
      {"log_level: \"info\"", "log_level: \"info\"", ""},
      {"", "log_level: \"debug\"", "log_level: default -> debug\n"},
      {"log_level: \"debug\"", "", "log_level: debug -> default\n"},
      {"drain_timeout_ms: 1", "drain_timeout_ms: 2", "drain_timeout_ms: 1 -> 2\n"},
      {"limits { clients_max: 5 keep_alive_ms: 1 }", "limits { clients_max: 6 topic_bytes_max: 9 }",
       "limits.clients_max: 5 -> 6\nlimits.keep_alive_ms: 1 -> default\n"
       "limits.topic_bytes_max: default -> 9\n"},
      {"listen: \"a:1\"", "listen: \"a:1\" listen: \"b:2\"", "", "listen: a:1 -> a:1,b:2\n"},
      {"admin_hosts: \"a\"", "admin_hosts: \"a\" admin_hosts: \"b\" admin_listen: \"off\"",
       "admin_hosts: a -> a,b\n", "admin_listen: default -> off\n"},
      {"", "limits { high_watermark_bytes: 2000 }", "",
       "limits.high_watermark_bytes: default -> 2000\n"},
      {"", "recv_queue { enabled: true } stamps { time: true } allow_remote_without_auth: true", "",
       "allow_remote_without_auth: default -> true\nrecv_queue.enabled: default -> true\n"
       "stamps.time: default -> true\n"},
      // Users: by name, in whatever order; what they know is never shown.
      {"users { name: \"a\" token: \"s1\" } users { name: \"b\" token: \"s2\" }",
       "users { name: \"b\" token: \"s2\" } users { name: \"a\" token: \"s1\" }", ""},
      {"users { name: \"a\" token: \"s1\" }", "users { name: \"a\" token: \"s2\" }",
       "users[a].token: hidden -> hidden\n"},
      {"users { name: \"a\" token: \"s1\" }", "users { name: \"a\" password: \"s1\" admin: true }",
       "users[a].token: hidden -> none\nusers[a].password: none -> hidden\n"
       "users[a].admin: false -> true\n"},
      {"users { name: \"a\" token: \"s1\" }", "users { name: \"b\" token: \"s1\" }",
       "users[a]: present -> absent\nusers[b]: absent -> present\n"},
      {"delivery { filter: \"a\" default: \"CONFLATE\" } delivery { filter: \"b\" }",
       "delivery { filter: \"c\" } delivery { filter: \"a\" max_backlog_bytes: 7 }",
       "delivery[a].default: CONFLATE -> default\ndelivery[a].max_backlog_bytes: default -> 7\n"
       "delivery[b]: present -> absent\ndelivery[c]: absent -> present\n"},
  };
  for (const auto& test : kCases) {
    const ConfigChanges changes = CompareConfigs(Parse(test.before), Parse(test.after));
    EXPECT_EQ(Text(changes.live), test.live) << test.before << " | " << test.after;
    EXPECT_EQ(Text(changes.needs_restart), test.needs_restart)
        << test.before << " | " << test.after;
  }
}

TEST(WithoutRestartTest, KeepsWhatCannotChange) {
  const struct {
    std::string_view running;
    std::string_view next;
    std::string_view kept;
  } kCases[] = {
      {"", "listen: \"a:1\" log_level: \"debug\"", "log_level: \"debug\""},
      {"listen: \"a:1\" stamps { time: true }", "log_level: \"debug\"",
       "listen: \"a:1\" stamps { time: true } log_level: \"debug\""},
      {"limits { high_watermark_bytes: 5 clients_max: 1 }", "limits { clients_max: 2 }",
       "limits { high_watermark_bytes: 5 clients_max: 2 }"},
      {"limits { clients_max: 1 }", "limits { high_watermark_bytes: 5 }", ""},
      {"jwt { jwks_file: \"a\" }", "", ""},
      {"", "jwt { jwks_file: \"a\" }", "jwt { jwks_file: \"a\" }"},
  };
  for (const auto& test : kCases) {
    const Config kept = WithoutRestart(Parse(test.running), Parse(test.next));
    EXPECT_EQ(kept.has_jwt(), Parse(test.kept).has_jwt()) << test.running << " | " << test.next;
    const ConfigChanges changes = CompareConfigs(Parse(test.kept), kept);
    EXPECT_EQ(Text(changes.live) + Text(changes.needs_restart), "")
        << test.running << " | " << test.next;
  }
}

}  // namespace
}  // namespace esockets::app
