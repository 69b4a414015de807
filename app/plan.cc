#include "app/plan.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <string_view>
#include <thread>

#include "app/plan_admission.h"
#include "app/plan_classes.h"
#include "app/plan_limits.h"
#include "app/plan_listeners.h"
#include "app/plan_permissions.h"
#include "app/plan_presence.h"
#include "app/plan_streams.h"
#include "app/plan_tickets.h"
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
                          &PlanClasses, &PlanTickets, &PlanDoors, &PlanDelivery, &PlanLoops}) {
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
  plan.admin.rules.permissions = plan.broker.settings.permissions;
  auto presence = PlanPresence(config, places, plan.broker.settings.limits.topic);
  if (!presence.ok()) return presence.status();
  plan.broker.settings.presence = *std::move(presence);
  plan.broker.settings.stamps = {.time = config.stamps().time(),
                                 .publisher = config.stamps().publisher()};
  return plan;
}

}  // namespace esockets::app
