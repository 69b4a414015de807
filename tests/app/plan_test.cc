#include "app/plan.h"

#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "base/strings.h"
#include "broker/authenticator.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"
#include "tests/support/sim_executor.h"

namespace esockets::app {
namespace {

using std::chrono::milliseconds;

absl::StatusOr<Plan> PlanOf(std::string_view text) {
  const absl::StatusOr<LoadedConfig> loaded = ParseConfig(text, "b.textproto");
  if (!loaded.ok()) return loaded.status();
  return MakePlan(*loaded);
}

// Nothing: it is refused.
std::optional<broker::Identity> IdentityOf(const BrokerOptions& options,
                                           const broker::Credentials& credentials) {
  tests::SimExecutor loop;
  std::optional<broker::Identity> found;
  options.settings.authenticator->Authenticate(
      credentials, {.loop = &loop}, [&found](broker::AuthVerdict verdict) {
        if (auto* identity = std::get_if<broker::Identity>(&verdict)) found = std::move(*identity);
      });
  return found;
}

TEST(MakePlanTest, MistakesHavePlaceFieldAndReason) {
  const struct {
    std::string_view text;
    std::string_view error;
  } kCases[] = {
      {"listen: \"127.0.0.1:1\"\nlisten: \"nowhere:1\"",
       "b.textproto:2:1: listen[1]: address \"nowhere:1\": write an IPv4 address, an IPv6 address "
       "in [brackets], or localhost"},
      {"listen: \"127.0.0.1\"",
       "b.textproto:1:1: listen[0]: address \"127.0.0.1\": no port; write HOST:PORT"},
      {"listen: \"127.0.0.1:65536\"",
       "b.textproto:1:1: listen[0]: address \"127.0.0.1:65536\": the port must be a number from 0 "
       "to 65535"},
      {"listen: \"unix:\"",
       "b.textproto:1:1: listen[0]: address \"unix:\": a path must follow \"unix:\""},
      {"listen: \"127.0.0.1:5\" listen: \"localhost:5\"",
       "b.textproto:1:23: listen[1]: localhost:5 is listened on already"},
      {"listen: \"unix:/tmp/x\" listen: \"unix:/tmp/x\"",
       "b.textproto:1:23: listen[1]: unix:/tmp/x is listened on already"},
      {"listen: \"0.0.0.0:1234\"",
       "b.textproto:1:1: listen[0]: without users only loopback is listened on, not 0.0.0.0:1234; "
       "configure users, or allow it with --allow_remote_without_auth"},
      {"admin_listen: \"127.0.0.1\"",
       "b.textproto:1:1: admin_listen[0]: address \"127.0.0.1\": no port; write HOST:PORT"},
      {"admin_listen: \"0.0.0.0:9234\"",
       "b.textproto:1:1: admin_listen[0]: without users only loopback is listened on, not "
       "0.0.0.0:9234; configure users, or allow it with --allow_remote_without_auth"},
      {"listen: \"127.0.0.1:5\" admin_listen: \"localhost:5\"",
       "b.textproto:1:23: admin_listen[0]: localhost:5 is listened on already"},
      {"admin_listen: \"127.0.0.1:5\" admin_listen: \"off\"",
       "b.textproto:1:29: admin_listen[1]: address \"off\": no port; write HOST:PORT"},
      {"admin_hosts: \"a\" admin_hosts: \"b:80\"",
       "b.textproto:1:18: admin_hosts[1]: must be a name alone, without a port: "
       "\"broker.example.org\""},
      {"users { token: \"t\" }", "b.textproto:1:1: users[0]: has no name"},
      {"users { name: \"\\xff\" token: \"t\" }",
       "b.textproto:1:9: users[0].name: is no valid UTF-8"},
      {"users { name: \"a\" }",
       "b.textproto:1:1: users[0]: needs either a token, a password, or certificate: true"},
      {"users { name: \"a\" token: \"t\" password: \"p\" }",
       "b.textproto:1:1: users[0]: needs either a token, a password, or certificate: true"},
      {"users { name: \"a\" token: \"t\" }\nusers { name: \"a\" token: \"u\" }",
       "b.textproto:2:9: users[1].name: \"a\" is another user already"},
      {"users { name: \"a\" token: \"t\" }\nusers { name: \"b\" token: \"t\" }",
       "b.textproto:2:19: users[1].token: is another user's already; a token names its user"},
      {"log_level: \"loud\"",
       "b.textproto:1:1: log_level: must be debug, info, warning, error or off"},
      {"default_overflow: \"BLOCK\"",
       "b.textproto:1:1: default_overflow: must be DROP_OLDEST, DROP_NEWEST, CONFLATE, "
       "DISCONNECT or REPLAY"},
      {"delivery { filter: \"a/#/b\" }",
       "b.textproto:1:12: delivery[0].filter: '+' must be a whole level of a filter, '#' its whole "
       "last level"},
      {"delivery { filter: \"a\" }\ndelivery { filter: \"a\" }",
       "b.textproto:2:12: delivery[1].filter: has another rule already"},
      {"delivery { filter: \"a\" allow: \"BLOCK\" }",
       "b.textproto:1:24: delivery[0].allow[0]: must be DROP_OLDEST, DROP_NEWEST, CONFLATE, "
       "DISCONNECT or REPLAY"},
      {"delivery { filter: \"a\" allow: \"CONFLATE\" default: \"DISCONNECT\" }",
       "b.textproto:1:42: delivery[0].default: is not one of those allowed"},
      {"limits { connect_timeout_ms: 0 }",
       "b.textproto:1:10: limits.connect_timeout_ms: must be at least 1, not 0"},
      {"limits { first_packet_bytes_max: 3 }",
       "b.textproto:1:10: limits.first_packet_bytes_max: must lie between 256 and 67108864, not "
       "3"},
      {"limits { clients_max: 0 }",
       "b.textproto:1:10: limits.clients_max: must be at least 1, not 0"},
      {"limits {\n  frame_bytes_max: 1023\n}",
       "b.textproto:2:3: limits.frame_bytes_max: must lie between 1024 and 67108864, not 1023"},
      {"limits { frame_bytes_max: 67108865 }",
       "b.textproto:1:10: limits.frame_bytes_max: must lie between 1024 and 67108864, not "
       "67108865"},
      {"limits { frame_bytes_max: 65536 }",
       "b.textproto:1:10: limits.frame_bytes_max: a frame must have room for more than a payload: "
       "frame_bytes_max is 65536, payload_bytes_max 1000000"},
      {"limits { payload_bytes_max: 1048576 }",
       "b.textproto:1:10: limits.payload_bytes_max: a frame must have room for more than a "
       "payload: frame_bytes_max is 1048576, payload_bytes_max 1048576"},
      {"limits { payload_bytes_max: 0 }",
       "b.textproto:1:10: limits.payload_bytes_max: must lie between 1 and 67108864, not 0"},
      {"limits { topic_bytes_max: 65536 }",
       "b.textproto:1:10: limits.topic_bytes_max: must lie between 1 and 65535, not 65536"},
      {"limits { topic_levels_max: 129 }",
       "b.textproto:1:10: limits.topic_levels_max: must lie between 1 and 128, not 129"},
      {"limits { high_watermark_bytes: 1 }",
       "b.textproto:1:10: limits.high_watermark_bytes: must lie between 1024 and 33554432, not 1"},
      {"limits { backlog_messages_max: 0 }",
       "b.textproto:1:10: limits.backlog_messages_max: must be at least 1, not 0"},
      {"limits { backlog_bytes_max: 0 }",
       "b.textproto:1:10: limits.backlog_bytes_max: must be at least 1, not 0"},
      {"limits { backlogs_bytes_max: 0 }",
       "b.textproto:1:10: limits.backlogs_bytes_max: must be at least 1, not 0"},
      {"recv_queue { messages_max: 0 }",
       "b.textproto:1:14: recv_queue.messages_max: must be at least 1"},
  };
  for (const auto& test : kCases) {
    const absl::StatusOr<Plan> plan = PlanOf(test.text);
    ASSERT_FALSE(plan.ok()) << test.text;
    EXPECT_EQ(base::Message(plan.status()), test.error) << test.text;
  }
}

TEST(MakePlanTest, WhereItMayListen) {
  const std::string_view kRight[] = {
      "",
      "listen: \"127.0.0.1:0\" listen: \"127.0.0.1:0\"",
      "listen: \"127.7.7.7:1234\" listen: \"[::1]:1234\" listen: \"unix:/tmp/x.sock\"",
      "listen: \"0.0.0.0:1234\" users { name: \"a\" token: \"t\" }",
  };
  for (const std::string_view text : kRight) {
    const absl::StatusOr<Plan> plan = PlanOf(text);
    ASSERT_TRUE(plan.ok()) << text;
    EXPECT_TRUE(plan->warnings.empty()) << text;
  }
}

TEST(MakePlanTest, WhereAdministrationListens) {
  const struct {
    std::string_view text;
    std::vector<std::string> listen;
    bool by_default = false;
  } kCases[] = {
      {"", {"127.0.0.1:9234"}, true},
      {"listen: \"127.0.0.1:9234\"", {"127.0.0.1:9234"}, true},
      // Whoever wants a free port wants no fixed one beside it.
      {"listen: \"127.0.0.1:0\"", {"127.0.0.1:0"}, true},
      {"listen: \"unix:/tmp/x.sock\"", {"127.0.0.1:9234"}, true},
      {"admin_listen: \"off\"", {}},
      {"admin_listen: \"127.0.0.1:9234\"", {"127.0.0.1:9234"}},
      {"admin_listen: \"[::1]:0\" admin_listen: \"unix:/tmp/a\"", {"[::1]:0", "unix:/tmp/a"}},
  };
  for (const auto& test : kCases) {
    const absl::StatusOr<Plan> plan = PlanOf(test.text);
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_EQ(plan->admin.listen, test.listen) << test.text;
    EXPECT_EQ(plan->admin_by_default, test.by_default) << test.text;
    EXPECT_TRUE(plan->warnings.empty());
  }
}

TEST(MakePlanTest, RemoteWithoutUsersIsWarnedOf) {
  const absl::StatusOr<Plan> plan = PlanOf("listen: \"[::]:1234\" allow_remote_without_auth: true");
  ASSERT_TRUE(plan.ok());
  ASSERT_EQ(plan->warnings.size(), 1U);
  EXPECT_EQ(plan->warnings[0],
            "anybody who can reach [::]:1234 may read and publish everything, and administrate: "
            "there are no users");
}

TEST(MakePlanTest, EveryFieldArrives) {
  const absl::StatusOr<Plan> made = PlanOf(R"(
      listen: "127.0.0.1:77"
      admin_listen: "127.0.0.1:78"
      admin_hosts: "broker.example.org"
      users { name: "a" token: "t" }
      users { name: "b" password: "p" admin: true }
      log_level: "error"
      drain_timeout_ms: 2
      default_overflow: "DISCONNECT"
      delivery {
        filter: "a/#" allow: "CONFLATE" allow: "DROP_NEWEST" default: "DROP_NEWEST"
        max_backlog_messages: 21 max_backlog_bytes: 22 max_backlog_age_ms: 23
      }
      limits {
        connect_timeout_ms: 3 first_packet_bytes_max: 1004 clients_max: 5 keep_alive_ms: 6
        frame_bytes_max: 1107 payload_bytes_max: 108 topic_bytes_max: 9 topic_levels_max: 10
        subscriptions_max: 11 high_watermark_bytes: 4000 backlog_messages_max: 13
        backlog_bytes_max: 14 backlogs_bytes_max: 15 backlog_age_max_ms: 17
        conflate_watermark_bytes: 2000 presence_topics_per_client_max: 18
      }
      recv_queue { enabled: true messages_max: 16 pause_when_full: true }
      presence { filter: "a/b" }
      stamps { time: true publisher: true })");
  ASSERT_TRUE(made.ok()) << made.status();
  const BrokerOptions& broker = made->broker;
  EXPECT_EQ(broker.server.listen, std::vector<std::string>{"127.0.0.1:77"});
  EXPECT_EQ(made->admin.listen, std::vector<std::string>{"127.0.0.1:78"});
  EXPECT_EQ(made->admin.rules.hosts, std::vector<std::string>{"broker.example.org"});
  EXPECT_EQ(made->admin.rules.users, broker.settings.authenticator);
  EXPECT_EQ(made->log_level, base::LogLevel::kError);
  EXPECT_EQ(made->drain_timeout, milliseconds(2));
  EXPECT_EQ(broker.settings.delivery.otherwise, broker::Overflow::kDisconnect);

  ASSERT_EQ(broker.settings.delivery.rules.size(), 1U);
  const broker::DeliveryRule& rule = broker.settings.delivery.rules[0];
  EXPECT_EQ(rule.filter, "a/#");
  EXPECT_EQ(rule.allow.Text(), "CONFLATE, DROP_NEWEST");
  EXPECT_EQ(rule.otherwise, broker::Overflow::kDropNewest);
  EXPECT_EQ(rule.max.messages, 21U);
  EXPECT_EQ(rule.max.bytes, 22U);
  EXPECT_EQ(rule.max.age_ms, 23U);

  const broker::Limits& limits = broker.settings.limits;
  EXPECT_EQ(limits.connect_timeout, milliseconds(3));
  EXPECT_EQ(limits.first_packet_bytes_max, 1004U);
  EXPECT_EQ(limits.clients_max, 5U);
  EXPECT_EQ(limits.keep_alive, milliseconds(6));
  EXPECT_EQ(limits.frame_bytes_max, 1107U);
  EXPECT_EQ(limits.payload_bytes_max, 108U);
  EXPECT_EQ(limits.topic.topic_bytes_max, 9U);
  EXPECT_EQ(limits.topic.topic_levels_max, 10U);
  EXPECT_EQ(limits.subscriptions_max, 11U);
  EXPECT_EQ(limits.high_watermark_bytes, 4000U);
  EXPECT_EQ(limits.conflate_watermark_bytes, 2000U);
  EXPECT_EQ(limits.backlog_messages_max, 13U);
  EXPECT_EQ(limits.backlog_bytes_max, 14U);
  EXPECT_EQ(limits.backlogs_bytes_max, 15U);
  EXPECT_EQ(limits.backlog_age_max_ms, 17U);
  EXPECT_EQ(limits.presence_topics_per_client_max, 18U);
  EXPECT_EQ(broker.server.high_watermark_bytes, 4000U);
  EXPECT_EQ(broker.server.low_watermark_bytes, 1000U);

  ASSERT_EQ(broker.settings.presence.size(), 1U);
  EXPECT_EQ(broker.settings.presence[0].filter, "a/b");
  EXPECT_TRUE(broker.settings.recv_queue);
  EXPECT_TRUE(broker.server.queue_recv_messages);
  EXPECT_EQ(broker.server.recv_queue.messages_max, 16U);
  EXPECT_EQ(broker.server.recv_queue.when_full, server::RecvQueueFull::kPause);
  EXPECT_TRUE(broker.settings.stamps.time);
  EXPECT_TRUE(broker.settings.stamps.publisher);

  EXPECT_EQ(IdentityOf(broker, {.token = "t", .user = {}, .password = {}})->user, "a");
  EXPECT_TRUE(IdentityOf(broker, {.token = {}, .user = "b", .password = "p"})->admin);
  EXPECT_FALSE(IdentityOf(broker, {.token = {}, .user = "b", .password = "t"}));
}

// --- docs/broker.textproto ----------------------------------------------------------------------

std::string ExampleText() {
  std::ifstream file("docs/broker.textproto");
  return {std::istreambuf_iterator<char>(file), {}};
}

auto Values(const Plan& plan) {
  const broker::Limits& limits = plan.broker.settings.limits;
  const server::SocketServerOptions& server = plan.broker.server;
  return std::tuple(
      server.listen, plan.admin.listen, plan.admin.rules.hosts, plan.log_level, plan.drain_timeout,
      plan.broker.settings.delivery.otherwise, limits.connect_timeout,
      limits.first_packet_bytes_max, limits.clients_max, limits.keep_alive, limits.frame_bytes_max,
      limits.payload_bytes_max, limits.topic.topic_bytes_max, limits.topic.topic_levels_max,
      limits.subscriptions_max, limits.high_watermark_bytes, limits.conflate_watermark_bytes,
      limits.backlog_messages_max, limits.backlog_bytes_max, limits.backlogs_bytes_max,
      limits.backlog_age_max_ms, limits.presence_topics_per_client_max,
      plan.broker.websocket.deflate, plan.broker.websocket.message_bytes_max,
      plan.broker.settings.recv_queue, server.queue_recv_messages, server.recv_queue.messages_max,
      server.recv_queue.when_full, plan.broker.settings.stamps.time,
      plan.broker.settings.stamps.publisher, plan.broker.settings.authenticator->open());
}

const std::set<std::string> kNoDefault = {
    "jwt",         "password_file", "permission",   "users",           "delivery",
    "admin_hosts", "stream",        "last_value",   "presence",        "listener",
    "origins",     "serve",         "client_class", "ticket_key_file", "memory_bytes_max"};

// Fields that the message does not set, but for users and the like: those are no default.
void CollectUnset(const google::protobuf::Message& message, std::string* unset) {
  const google::protobuf::Descriptor& descriptor = *message.GetDescriptor();
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = descriptor.field(i);
    if (kNoDefault.contains(field->name())) continue;
    const bool is_set = field->is_repeated() ? reflection.FieldSize(message, field) > 0
                                             : reflection.HasField(message, field);
    if (!is_set) *unset += field->full_name() + "\n";
    if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
      CollectUnset(reflection.GetMessage(message, field), unset);
    }
  }
}

TEST(ExampleTest, HasEveryFieldWithItsDefault) {
  const absl::StatusOr<LoadedConfig> loaded = ParseConfig(ExampleText(), "docs/broker.textproto");
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  std::string unset;
  CollectUnset(loaded->config, &unset);
  EXPECT_EQ(unset, "");
  const absl::StatusOr<Plan> plan = MakePlan(*loaded);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(Values(*plan), Values(*MakePlan({})));
}

TEST(ExampleTest, ItsUsersRulesAndStreamsCanBeUncommented) {
  std::string text = ExampleText();
  for (const std::string_view commented :
       {"\n#users", "\n#delivery", "\n#admin_hosts", "\n#stream", "\n#last_value", "\n#presence",
        "\n#client_class", "\n#listener", "\n#serve", "\n  #origins"}) {
    for (size_t at = 0; (at = text.find(commented, at)) != std::string::npos;) {
      text.erase(at + commented.find('#'), 1);
    }
  }
  const absl::StatusOr<LoadedConfig> loaded = ParseConfig(text, "docs/broker.textproto");
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->config.users_size(), 2);
  EXPECT_EQ(loaded->config.delivery_size(), 2);
  EXPECT_EQ(loaded->config.admin_hosts_size(), 1);
  EXPECT_EQ(loaded->config.stream_size(), 2);
  EXPECT_EQ(loaded->config.last_value_size(), 1);
  EXPECT_EQ(loaded->config.presence_size(), 1);
  EXPECT_EQ(loaded->config.listener_size(), 3);
  EXPECT_EQ(loaded->config.websocket().origins_size(), 1);
  EXPECT_EQ(loaded->config.serve_size(), 1);
  EXPECT_EQ(loaded->config.client_class_size(), 3);
  EXPECT_TRUE(MakePlan(*loaded).ok());
}

// A block that is commented out, without its marks.
std::string BlockOfExample(std::string_view first_line) {
  std::istringstream lines(ExampleText());
  std::string block;
  for (std::string line; std::getline(lines, line);) {
    if (block.empty() && line != first_line) continue;
    base::StrAppend(&block, line.substr(1), "\n");
    if (line == "#     }") return block;
  }
  return block;
}

TEST(ExampleTest, BlocksThatAreCommentedOutHaveEveryField) {
  const auto expect_all = [](const google::protobuf::Message& message) {
    const google::protobuf::Descriptor& descriptor = *message.GetDescriptor();
    std::vector<const google::protobuf::FieldDescriptor*> set;
    message.GetReflection()->ListFields(message, &set);
    EXPECT_EQ(set.size(), static_cast<size_t>(descriptor.field_count())) << descriptor.name();
  };
  const auto jwt = ParseConfig(BlockOfExample("#     jwt {"), "e");
  ASSERT_TRUE(jwt.ok()) << jwt.status();
  expect_all(jwt->config.jwt());
  const auto permission = ParseConfig(BlockOfExample("#     permission {"), "e");
  ASSERT_TRUE(permission.ok()) << permission.status();
  ASSERT_EQ(permission->config.permission_size(), 1);
  EXPECT_TRUE(MakePlan(*permission).ok());
  const auto listener = ParseConfig(BlockOfExample("#     listener {"), "e");
  ASSERT_TRUE(listener.ok()) << listener.status();
  ASSERT_EQ(listener->config.listener_size(), 1);
  expect_all(listener->config.listener(0).tls());
}

// The words (restart) in the example and needs_restart in config.proto are the same fields.
TEST(ExampleTest, SaysWhatNeedsARestart) {
  const absl::StatusOr<LoadedConfig> loaded = ParseConfig(ExampleText(), "e");
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  size_t fields = 0;
  for (const auto* message : {Config::descriptor(), Limits::descriptor()}) {
    for (int i = 0; i < message->field_count(); ++i) {
      fields += message->field(i)->options().GetExtension(needs_restart) ? 1 : 0;
    }
  }
  size_t said = 0;
  const std::string text = ExampleText();
  constexpr std::string_view kMark = "# (restart) ";
  for (size_t at = 0; (at = text.find(kMark, at)) != std::string::npos; ++at) ++said;
  EXPECT_EQ(said, fields);
}

}  // namespace
}  // namespace esockets::app
