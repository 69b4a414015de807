#include "app/config.h"

#include <fstream>
#include <iterator>
#include <memory>
#include <set>

#include "base/strings.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/socket_address.h"

namespace esockets::app {
namespace {

using std::chrono::milliseconds;

// Gathers what the parser finds, with places that an editor can jump to.
class Errors final : public google::protobuf::io::ErrorCollector {
 public:
  explicit Errors(std::string_view file_name) : file_name_(file_name) {}

  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    if (!text_.empty()) text_ += '\n';
    base::StrAppend(&text_, file_name_, ":", line + 1, ":", column + 1, ": ", message);
  }
  const std::string& text() const { return text_; }

 private:
  const std::string_view file_name_;
  std::string text_;
};

absl::Status Wrong(std::string_view field, std::string_view why) {
  return base::Error(absl::StatusCode::kInvalidArgument, field, ": ", why);
}

broker::Limits MakeLimits(const Limits& config) {
  broker::Limits limits;
  if (config.has_connect_timeout_ms()) {
    limits.connect_timeout = milliseconds(config.connect_timeout_ms());
  }
  if (config.has_keep_alive_ms()) limits.keep_alive = milliseconds(config.keep_alive_ms());
  if (config.has_first_packet_bytes_max()) {
    limits.first_packet_bytes_max = config.first_packet_bytes_max();
  }
  if (config.has_clients_max()) limits.clients_max = config.clients_max();
  if (config.has_frame_bytes_max()) limits.frame_bytes_max = config.frame_bytes_max();
  if (config.has_payload_bytes_max()) limits.payload_bytes_max = config.payload_bytes_max();
  if (config.has_topic_bytes_max()) limits.topic.topic_bytes_max = config.topic_bytes_max();
  if (config.has_topic_levels_max()) limits.topic.topic_levels_max = config.topic_levels_max();
  if (config.has_subscriptions_max()) limits.subscriptions_max = config.subscriptions_max();
  if (config.has_high_watermark_bytes()) {
    limits.high_watermark_bytes = config.high_watermark_bytes();
  }
  if (config.has_backlog_messages_max()) {
    limits.backlog_messages_max = config.backlog_messages_max();
  }
  if (config.has_backlog_bytes_max()) limits.backlog_bytes_max = config.backlog_bytes_max();
  if (config.has_backlogs_bytes_max()) limits.backlogs_bytes_max = config.backlogs_bytes_max();
  return limits;
}

absl::Status CheckLimits(const broker::Limits& limits) {
  if (limits.connect_timeout <= base::Duration::zero()) {
    return Wrong("limits.connect_timeout_ms", "must be more than 0");
  }
  constexpr uint32_t kFrameBytesMaxMax = 64U * 1024 * 1024;
  if (limits.frame_bytes_max < 1024 || limits.frame_bytes_max > kFrameBytesMaxMax) {
    return Wrong("limits.frame_bytes_max", "must lie between 1024 and 67108864");
  }
  if (limits.payload_bytes_max >= limits.frame_bytes_max) {
    return Wrong("limits.payload_bytes_max",
                 "must be smaller than limits.frame_bytes_max, which holds it");
  }
  if (limits.topic.topic_levels_max < 1 || limits.topic.topic_levels_max > 128) {
    return Wrong("limits.topic_levels_max", "must lie between 1 and 128");
  }
  if (limits.topic.topic_bytes_max < 1 || limits.topic.topic_bytes_max > 65'535) {
    return Wrong("limits.topic_bytes_max", "must lie between 1 and 65535");
  }
  if (limits.clients_max < 1) return Wrong("limits.clients_max", "must be more than 0");
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const broker::Authenticator>> MakeAuthenticator(
    const Config& config) {
  auto authenticator = std::make_shared<broker::Authenticator>();
  std::set<std::string> names;
  for (int i = 0; i < config.users_size(); ++i) {
    const User& user = config.users(i);
    const std::string field = base::StrCat("users[", i, "]");
    if (user.name().empty()) return Wrong(field, "has no name");
    if (!names.insert(user.name()).second) {
      return Wrong(field, base::StrCat("the name \"", user.name(), "\" is taken already"));
    }
    if (user.token().empty() == user.password().empty()) {
      return Wrong(field, "needs a token or a password, and not both");
    }
    if (user.token().empty()) {
      authenticator->AddPassword(user.name(), user.password(), user.admin());
    } else {
      authenticator->AddToken(user.name(), user.token(), user.admin());
    }
  }
  return std::shared_ptr<const broker::Authenticator>(std::move(authenticator));
}

absl::Status PlanListeners(const Config& config, Plan* plan) {
  std::vector<std::string>& listen = plan->broker.server.listen;
  listen.assign(config.listen().begin(), config.listen().end());
  if (listen.empty()) listen.push_back("127.0.0.1:1234");
  for (const std::string& text : listen) {
    const absl::StatusOr<server::SocketAddress> address = server::SocketAddress::Parse(text);
    if (!address.ok()) return Wrong("listen", base::Message(address.status()));
    if (address->IsLoopback() || config.users_size() > 0) continue;
    if (!config.allow_remote_without_auth()) {
      return Wrong("listen", base::StrCat("without users only loopback is listened on, not ", text,
                                          ": configure users, or --allow_remote_without_auth"));
    }
    plan->warnings.push_back(base::StrCat("anybody who can reach ", text,
                                          " may read and publish everything, and "
                                          "administrate: there are no users"));
  }
  return absl::OkStatus();
}

absl::Status PlanWords(const Config& config, Plan* plan) {
  if (config.has_log_level() && !base::ParseLogLevel(config.log_level(), &plan->log_level)) {
    return Wrong("log_level", "must be debug, info, warning, error or off");
  }
  if (config.has_default_overflow()) {
    if (config.default_overflow() == "DISCONNECT") {
      plan->broker.settings.default_overflow = broker::Overflow::kDisconnect;
    } else if (config.default_overflow() != "DROP_OLDEST") {
      return Wrong("default_overflow", "must be DROP_OLDEST or DISCONNECT");
    }
  }
  return absl::OkStatus();
}

void PlanRecvQueue(const RecvQueue& config, Plan* plan) {
  constexpr uint32_t kDefaultMessagesMax = 1000;
  server::SocketServerOptions& server = plan->broker.server;
  plan->broker.settings.recv_queue = config.enabled();
  server.queue_recv_messages = config.enabled();
  server.recv_queue.messages_max =
      config.has_messages_max() ? config.messages_max() : kDefaultMessagesMax;
  server.recv_queue.when_full =
      config.pause_when_full() ? server::RecvQueueFull::kPause : server::RecvQueueFull::kDropOldest;
}

}  // namespace

absl::StatusOr<Config> ReadConfig(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) {
    return base::Error(absl::StatusCode::kInvalidArgument, path, ": cannot be read");
  }
  return ParseConfig(text, path);
}

absl::StatusOr<Config> ParseConfig(std::string_view text, std::string_view file_name) {
  Errors errors(file_name);
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  Config config;
  if (!parser.ParseFromString(std::string(text), &config)) {
    return base::Error(absl::StatusCode::kInvalidArgument, errors.text());
  }
  return config;
}

absl::StatusOr<Plan> MakePlan(const Config& config) {
  Plan plan;
  if (absl::Status status = PlanListeners(config, &plan); !status.ok()) return status;
  if (absl::Status status = PlanWords(config, &plan); !status.ok()) return status;
  auto authenticator = MakeAuthenticator(config);
  if (!authenticator.ok()) return authenticator.status();
  plan.broker.settings.authenticator = *std::move(authenticator);
  plan.broker.settings.limits = MakeLimits(config.limits());
  if (absl::Status status = CheckLimits(plan.broker.settings.limits); !status.ok()) return status;
  plan.broker.server.high_watermark_bytes = plan.broker.settings.limits.high_watermark_bytes;
  plan.broker.server.low_watermark_bytes = plan.broker.settings.limits.high_watermark_bytes / 4;
  if (config.has_drain_timeout_ms()) plan.drain_timeout = milliseconds(config.drain_timeout_ms());
  PlanRecvQueue(config.recv_queue(), &plan);
  plan.broker.stamps = {.time = config.stamps().time(), .publisher = config.stamps().publisher()};
  return plan;
}

ConfigChanges CompareConfigs(const Config& before, const Config& after) {
  static const std::set<std::string, std::less<>> kNeedsRestart = {"listen", "recv_queue", "stamps",
                                                                   "allow_remote_without_auth"};
  ConfigChanges changes;
  const google::protobuf::Descriptor& descriptor = *Config::descriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = descriptor.field(i);
    google::protobuf::util::MessageDifferencer differencer;
    if (differencer.CompareWithFields(before, after, {field}, {field})) continue;
    (kNeedsRestart.contains(field->name()) ? changes.needs_restart : changes.live)
        .push_back(field->name());
  }
  return changes;
}

}  // namespace esockets::app
