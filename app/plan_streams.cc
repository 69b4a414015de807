#include "app/plan_streams.h"

#include <chrono>
#include <string>

#include "base/strings.h"
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

absl::Status Check(const Stream& config, const std::string& path, const Places& places,
                   const base::TopicLimits& limits) {
  if (config.name().empty() || config.name().size() > broker::kStreamNameBytesMax) {
    return places.Mistake(path + ".name",
                          base::StrCat("must have 1 to ", broker::kStreamNameBytesMax, " bytes"));
  }
  if (const auto error = base::CheckFilter(config.filter(), limits);
      error != base::TopicError::kOk) {
    return places.Mistake(path + ".filter", base::TopicErrorText(error));
  }
  if (base::IsReserved(config.filter())) {
    return places.Mistake(path + ".filter", "topics below $ are the broker's own");
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

absl::Status CheckAgainst(const std::vector<broker::StreamRule>& others, const Stream& config,
                          const std::string& path, const Places& places) {
  for (const broker::StreamRule& other : others) {
    if (other.name == config.name()) {
      return places.Mistake(path + ".name", "another stream has this name");
    }
    if (base::FiltersOverlap(other.filter, config.filter())) {
      return places.Mistake(path + ".filter",
                            base::StrCat("overlaps with \"", other.filter, "\" of stream ",
                                         other.name, ": a message has its place in one stream"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<broker::StreamRule>> PlanStreams(const Config& config,
                                                            const Places& places,
                                                            const base::TopicLimits& limits) {
  std::vector<broker::StreamRule> rules;
  for (int i = 0; i < config.stream_size(); ++i) {
    const Stream& stream = config.stream(i);
    const std::string path = base::StrCat("stream[", i, "]");
    if (absl::Status status = Check(stream, path, places, limits); !status.ok()) return status;
    if (absl::Status status = CheckAgainst(rules, stream, path, places); !status.ok()) {
      return status;
    }
    rules.push_back(MakeRule(stream));
  }
  return rules;
}

}  // namespace esockets::app
