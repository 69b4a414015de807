#include "app/plan_streams.h"

#include <chrono>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "base/strings.h"
#include "base/utf8.h"
#include "broker/limits.h"

namespace esockets::app {
namespace {

using std::chrono::milliseconds;

broker::StreamRule MakeRule(const Stream& config) {
  broker::StreamRule rule{
      .name = config.name(), .filter = config.filter(), .limits = {}, .message_ids = {}};
  if (config.has_max_messages()) rule.limits.messages_max = config.max_messages();
  if (config.has_max_bytes()) rule.limits.bytes_max = config.max_bytes();
  rule.limits.age_max = milliseconds(config.max_age_ms());
  rule.limits.messages_per_topic_max = config.max_per_topic();
  if (config.has_message_id_window_ms()) {
    rule.message_ids.window = milliseconds(config.message_id_window_ms());
  }
  if (config.has_message_ids_max()) rule.message_ids.ids_max = config.message_ids_max();
  return rule;
}

// A year: above it a duration in nanoseconds would soon be none.
constexpr uint64_t kAgeMaxMillis = uint64_t{366} * 24 * 3600 * 1000;

absl::Status CheckFilter(std::string_view filter, const std::string& path, const Places& places,
                         const base::TopicLimits& limits) {
  if (const auto error = base::CheckFilter(filter, limits); error != base::TopicError::kOk) {
    return places.Mistake(path + ".filter", base::TopicErrorText(error));
  }
  if (base::IsReserved(filter)) {
    return places.Mistake(path + ".filter", "topics below $ are the broker's own");
  }
  return absl::OkStatus();
}

absl::Status Check(const Stream& config, const std::string& path, const Places& places) {
  if (config.name().empty() || config.name().size() > broker::kStreamNameBytesMax) {
    return places.Mistake(path + ".name",
                          base::StrCat("must have 1 to ", broker::kStreamNameBytesMax, " bytes"));
  }
  if (!base::IsValidUtf8(config.name())) {
    return places.Mistake(path + ".name", "must be UTF-8");
  }
  if (config.has_max_messages() && config.max_messages() == 0) {
    return places.Mistake(path + ".max_messages", "must be at least 1");
  }
  if (config.has_max_bytes() && config.max_bytes() < 1024) {
    return places.Mistake(path + ".max_bytes", "must be at least 1024");
  }
  if (config.max_age_ms() > kAgeMaxMillis) {
    return places.Mistake(path + ".max_age_ms", base::StrCat("must be at most ", kAgeMaxMillis));
  }
  return absl::OkStatus();
}

broker::StreamRule MakeRule(const LastValue& config) {
  broker::LastValueLimits limits;
  if (config.has_max_topics()) limits.topics_max = config.max_topics();
  if (config.has_max_bytes()) limits.bytes_max = config.max_bytes();
  if (config.has_max_new_topics_per_second()) {
    limits.new_topics_per_second_max = config.max_new_topics_per_second();
  }
  // Its own limits hold before those of a stream do.
  return {.name = config.filter(),
          .filter = config.filter(),
          .limits = {.messages_max = std::numeric_limits<uint64_t>::max(),
                     .bytes_max = std::numeric_limits<uint64_t>::max(),
                     .messages_per_topic_max = 1},
          .message_ids = {.ids_max = 0},
          .last_values = limits};
}

absl::Status CheckAgainst(const std::vector<broker::StreamRule>& others,
                          const broker::StreamRule& rule, const std::string& path,
                          const Places& places) {
  for (const broker::StreamRule& other : others) {
    if (base::FiltersOverlap(other.filter, rule.filter)) {
      return places.Mistake(
          path + ".filter",
          base::StrCat("overlaps with \"", other.filter, "\" of ",
                       other.last_values ? std::string("last_value") : "stream " + other.name,
                       ": a message has its place in one of them"));
    }
    if (other.name == rule.name) {
      // The name of last values is their filter.
      return places.Mistake(path + (rule.last_values ? ".filter" : ".name"),
                            "another stream has this name");
    }
  }
  return absl::OkStatus();
}

// Appends the rules of all of these.
template <typename Configs, typename Check>
absl::Status PlanAll(const Configs& configs, std::string_view field, const Places& places,
                     const base::TopicLimits& limits, Check check,
                     std::vector<broker::StreamRule>* rules) {
  for (int i = 0; i < configs.size(); ++i) {
    const std::string path = base::StrCat(field, "[", i, "]");
    broker::StreamRule rule = MakeRule(configs[i]);
    for (const absl::Status& status :
         {check(configs[i], path), CheckFilter(rule.filter, path, places, limits),
          CheckAgainst(*rules, rule, path, places)}) {
      if (!status.ok()) return status;
    }
    rules->push_back(std::move(rule));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<broker::StreamRule>> PlanStreams(const Config& config,
                                                            const Places& places,
                                                            const base::TopicLimits& limits) {
  std::vector<broker::StreamRule> rules;
  const auto check = [&](const Stream& stream, const std::string& path) {
    return Check(stream, path, places);
  };
  const auto none = [](const LastValue&, const std::string&) { return absl::OkStatus(); };
  absl::Status status = PlanAll(config.stream(), "stream", places, limits, check, &rules);
  if (status.ok()) {
    status = PlanAll(config.last_value(), "last_value", places, limits, none, &rules);
  }
  if (!status.ok()) return status;
  return rules;
}

}  // namespace esockets::app
