#include "app/plan.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <string_view>
#include <thread>

#include "app/plan_admission.h"
#include "app/plan_listeners.h"
#include "app/plan_permissions.h"
#include "app/plan_presence.h"
#include "app/plan_streams.h"
#include "app/plan_users.h"
#include "base/strings.h"
#include "base/topic.h"
#include "broker/delivery_rules.h"
#include "broker/subscription.h"

namespace esockets::app {
namespace {

using std::chrono::milliseconds;

// --- words --------------------------------------------------------------------------------------

absl::Status PlanWords(const Config& config, const Places& places, Plan* plan) {
  if (config.has_log_level() && !base::ParseLogLevel(config.log_level(), &plan->log_level)) {
    return places.Mistake("log_level", "must be debug, info, warning, error or off");
  }
  return absl::OkStatus();
}

// --- delivery -----------------------------------------------------------------------------------

constexpr std::string_view kOverflows =
    "must be DROP_OLDEST, DROP_NEWEST, CONFLATE, DISCONNECT or REPLAY";

absl::Status PlanDeliveryRule(const Delivery& config, const std::string& path, const Places& places,
                              const base::TopicLimits& topic_limits, broker::DeliveryRule* rule) {
  rule->filter = config.filter();
  if (const auto error = base::CheckFilter(rule->filter, topic_limits);
      error != base::TopicError::kOk) {
    return places.Mistake(path + ".filter", base::TopicErrorText(error));
  }
  if (config.allow_size() > 0) rule->allow = broker::OverflowSet();
  for (int i = 0; i < config.allow_size(); ++i) {
    broker::Overflow overflow{};
    if (!broker::ParseOverflow(config.allow(i), &overflow)) {
      return places.Mistake(base::StrCat(path, ".allow[", i, "]"), kOverflows);
    }
    rule->allow.Add(overflow);
  }
  if (config.has_default_()) {
    broker::Overflow overflow{};
    if (!broker::ParseOverflow(config.default_(), &overflow)) {
      return places.Mistake(path + ".default", kOverflows);
    }
    if (!rule->allow.Contains(overflow)) {
      return places.Mistake(path + ".default", "is not one of those allowed");
    }
    rule->otherwise = overflow;
  }
  rule->max = broker::BacklogLimits::Of(config.max_backlog_messages(), config.max_backlog_bytes(),
                                        config.max_backlog_age_ms());
  return absl::OkStatus();
}

absl::Status PlanDelivery(const Config& config, const Places& places, Plan* plan) {
  broker::Settings& settings = plan->broker.settings;
  if (config.has_default_overflow() &&
      !broker::ParseOverflow(config.default_overflow(), &settings.delivery.otherwise)) {
    return places.Mistake("default_overflow", kOverflows);
  }
  std::set<std::string_view> filters;
  for (int i = 0; i < config.delivery_size(); ++i) {
    if (!filters.insert(config.delivery(i).filter()).second) {
      return places.Mistake(base::StrCat("delivery[", i, "].filter"), "has another rule already");
    }
    broker::DeliveryRule& rule = settings.delivery.rules.emplace_back();
    if (absl::Status status =
            PlanDeliveryRule(config.delivery(i), base::StrCat("delivery[", i, "]"), places,
                             settings.limits.topic, &rule);
        !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

// --- limits -------------------------------------------------------------------------------------

constexpr uint64_t kNoUpperBound = UINT64_MAX;
constexpr uint64_t kFrameBytesMaxMax = 64U << 20;

// The least and the most that a limit may be.
struct Range {
  std::string_view field;
  uint64_t value;
  uint64_t min;
  uint64_t max = kNoUpperBound;
};

absl::Status CheckRange(const Range& range, const Places& places) {
  if (range.value >= range.min && range.value <= range.max) return absl::OkStatus();
  return places.Mistake(base::StrCat("limits.", range.field),
                        range.max == kNoUpperBound
                            ? base::StrCat("must be at least ", range.min, ", not ", range.value)
                            : base::StrCat("must lie between ", range.min, " and ", range.max,
                                           ", not ", range.value));
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
  limits.clients_per_user_max = config.clients_per_user_max();
  limits.rates = {.messages_in_per_second_max = config.messages_in_per_second_max(),
                  .bytes_in_per_second_max = config.bytes_in_per_second_max()};
  if (config.has_frame_bytes_max()) limits.frame_bytes_max = config.frame_bytes_max();
  if (config.has_payload_bytes_max()) limits.payload_bytes_max = config.payload_bytes_max();
  if (config.has_topic_bytes_max()) limits.topic.topic_bytes_max = config.topic_bytes_max();
  if (config.has_topic_levels_max()) limits.topic.topic_levels_max = config.topic_levels_max();
  if (config.has_subscriptions_max()) limits.subscriptions_max = config.subscriptions_max();
  if (config.has_presence_topics_per_client_max()) {
    limits.presence_topics_per_client_max = config.presence_topics_per_client_max();
  }
  if (config.has_high_watermark_bytes()) {
    limits.high_watermark_bytes = config.high_watermark_bytes();
  }
  if (config.has_conflate_watermark_bytes()) {
    limits.conflate_watermark_bytes = config.conflate_watermark_bytes();
  }
  if (config.has_backlog_messages_max()) {
    limits.backlog_messages_max = config.backlog_messages_max();
  }
  if (config.has_backlog_age_max_ms()) limits.backlog_age_max_ms = config.backlog_age_max_ms();
  if (config.has_backlog_bytes_max()) limits.backlog_bytes_max = config.backlog_bytes_max();
  if (config.has_backlogs_bytes_max()) limits.backlogs_bytes_max = config.backlogs_bytes_max();
  if (config.has_exchange_bytes_max()) limits.exchange_bytes_max = config.exchange_bytes_max();
  return limits;
}

absl::Status CheckLimits(const Limits& config, const broker::Limits& limits, const Places& places) {
  const uint64_t connect_timeout_ms = static_cast<uint64_t>(
      std::chrono::duration_cast<milliseconds>(limits.connect_timeout).count());
  const Range ranges[] = {
      {"connect_timeout_ms", connect_timeout_ms, 1},
      {"first_packet_bytes_max", limits.first_packet_bytes_max, 256, kFrameBytesMaxMax},
      {"clients_max", limits.clients_max, 1},
      {"bytes_in_per_second_max", limits.rates.bytes_in_per_second_max, 0, base::TokenRate::kMax},
      {"frame_bytes_max", limits.frame_bytes_max, 1024, kFrameBytesMaxMax},
      {"payload_bytes_max", limits.payload_bytes_max, 1, kFrameBytesMaxMax},
      {"topic_bytes_max", limits.topic.topic_bytes_max, 1, 65'535},
      {"topic_levels_max", limits.topic.topic_levels_max, 1, 128},
      {"high_watermark_bytes", limits.high_watermark_bytes, 1024, server::kSendQueueBytesMax / 2},
      {"conflate_watermark_bytes", limits.conflate_watermark_bytes, 1024,
       server::kSendQueueBytesMax / 2},
      {"backlog_messages_max", limits.backlog_messages_max, 1},
      {"backlog_bytes_max", limits.backlog_bytes_max, 1},
      {"backlogs_bytes_max", limits.backlogs_bytes_max, 1},
      {"exchange_bytes_max", limits.exchange_bytes_max, 65'536},
  };
  for (const Range& range : ranges) {
    if (absl::Status status = CheckRange(range, places); !status.ok()) return status;
  }
  if (limits.payload_bytes_max < limits.frame_bytes_max) return absl::OkStatus();
  return places.Mistake(
      config.has_payload_bytes_max() ? "limits.payload_bytes_max" : "limits.frame_bytes_max",
      base::StrCat("a frame must have room for more than a payload: frame_bytes_max is ",
                   limits.frame_bytes_max, ", payload_bytes_max ", limits.payload_bytes_max));
}

absl::Status PlanLimits(const Config& config, const Places& places, Plan* plan) {
  const broker::Limits limits = MakeLimits(config.limits());
  plan->broker.settings.limits = limits;
  plan->broker.server.high_watermark_bytes = limits.high_watermark_bytes;
  plan->broker.server.low_watermark_bytes = limits.high_watermark_bytes / 4;
  return CheckLimits(config.limits(), limits, places);
}

// --- the rest -----------------------------------------------------------------------------------

absl::Status PlanLoops(const Config& config, const Places& places, Plan* plan) {
  if (config.loops() > broker::kLoopsMax) {
    return places.Mistake(
        "loops", base::StrCat("must be at most ", broker::kLoopsMax, ", not ", config.loops()));
  }
  const uint32_t cores = std::clamp(std::thread::hardware_concurrency(), 1U, broker::kLoopsMax);
  plan->broker.server.loops = static_cast<int>(config.loops() == 0 ? cores : config.loops());
  return absl::OkStatus();
}

absl::Status PlanRecvQueue(const RecvQueue& config, const Places& places, Plan* plan) {
  constexpr uint32_t kDefaultMessagesMax = 1000;
  if (config.has_messages_max() && config.messages_max() == 0) {
    return places.Mistake("recv_queue.messages_max", "must be at least 1");
  }
  server::SocketServerOptions& server = plan->broker.server;
  plan->broker.settings.recv_queue = config.enabled();
  server.queue_recv_messages = config.enabled();
  server.recv_queue.messages_max =
      config.has_messages_max() ? config.messages_max() : kDefaultMessagesMax;
  server.recv_queue.when_full =
      config.pause_when_full() ? server::RecvQueueFull::kPause : server::RecvQueueFull::kDropOldest;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Plan> MakePlan(const LoadedConfig& loaded) {
  const Config& config = loaded.config;
  const Places& places = loaded.places;
  Plan plan;
  for (const auto part : {&PlanListeners, &PlanAdmission, &PlanUsers, &PlanWords, &PlanLimits,
                          &PlanDoors, &PlanDelivery, &PlanLoops}) {
    if (absl::Status status = part(config, places, &plan); !status.ok()) return status;
  }
  if (absl::Status status = PlanRecvQueue(config.recv_queue(), places, &plan); !status.ok()) {
    return status;
  }
  if (config.has_drain_timeout_ms()) plan.drain_timeout = milliseconds(config.drain_timeout_ms());
  auto streams = PlanStreams(config, places, plan.broker.settings.limits.topic);
  if (!streams.ok()) return streams.status();
  plan.broker.settings.streams = *std::move(streams);
  auto permissions = PlanPermissions(config, places);
  if (!permissions.ok()) return permissions.status();
  plan.broker.settings.permissions = *std::move(permissions);
  auto presence = PlanPresence(config, places, plan.broker.settings.limits.topic);
  if (!presence.ok()) return presence.status();
  plan.broker.settings.presence = *std::move(presence);
  plan.broker.settings.stamps = {.time = config.stamps().time(),
                                 .publisher = config.stamps().publisher()};
  return plan;
}

}  // namespace esockets::app
