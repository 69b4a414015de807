#include "broker/last_value_quota.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/strings.h"
#include "broker/limits.h"

namespace esockets::broker {
namespace {

double MostAtOnce(const LastValueLimits& limits) {
  return limits.new_topics_per_second_max * std::chrono::duration<double>(kNewTopicsWindow).count();
}

}  // namespace

LastValueQuota::LastValueQuota(const LastValueLimits& limits, const base::Clock* clock)
    : limits_(limits),
      clock_(*clock),
      new_topics_left_(MostAtOnce(limits)),
      refilled_(clock->Now()) {}

std::optional<std::string> LastValueQuota::Take(const MessageStore& store, const Messages& values) {
  const std::optional<uint64_t> old_bytes = store.BytesOf(values.topic);
  const uint64_t bytes = store.bytes() - old_bytes.value_or(0) + values.frames.back().size();
  if (bytes > limits_.bytes_max) {
    return base::StrCat(bytes, " bytes of last values; limit ", limits_.bytes_max);
  }
  if (old_bytes) return std::nullopt;
  if (store.topics() >= limits_.topics_max) {
    return base::StrCat("limit ", limits_.topics_max, " topics");
  }
  if (TakeNewTopic()) return std::nullopt;
  return base::StrCat("limit ", limits_.new_topics_per_second_max, " new topics per second");
}

bool LastValueQuota::TakeNewTopic() {
  const base::TimePoint now = clock_.Now();
  const std::chrono::duration<double> passed = now - std::exchange(refilled_, now);
  new_topics_left_ = std::min(
      MostAtOnce(limits_), new_topics_left_ + passed.count() * limits_.new_topics_per_second_max);
  if (new_topics_left_ < 1) return false;
  --new_topics_left_;
  return true;
}

}  // namespace esockets::broker
