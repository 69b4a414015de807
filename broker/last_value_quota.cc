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

void LastValueQuota::SetShares(std::vector<ShareLimits> shares) { shares_ = std::move(shares); }

std::optional<std::string> LastValueQuota::WhyNotOfClass(const MessageStore& store,
                                                         const Messages& values) const {
  if (values.publisher_class >= shares_.size()) return std::nullopt;
  const ShareLimits& limits = shares_[values.publisher_class];
  if (limits.messages_max == 0 && limits.bytes_max == 0) return std::nullopt;
  Share share = store.ShareOf(values.publisher_class);
  if (store.ClassOf(values.topic) == values.publisher_class) {
    --share.messages;
    share.bytes -= store.BytesOf(values.topic).value_or(0) + kKeptEntryBytes;
  }
  const uint64_t bytes = share.bytes + values.frames.back().size() + kKeptEntryBytes;
  if (limits.messages_max != 0 && share.messages >= limits.messages_max) {
    return base::StrCat("limit ", limits.messages_max, " topics of this class of clients");
  }
  if (limits.bytes_max != 0 && bytes > limits.bytes_max) {
    return base::StrCat(bytes, " bytes of last values of this class of clients; limit ",
                        limits.bytes_max);
  }
  return std::nullopt;
}

std::optional<std::string> LastValueQuota::Take(const MessageStore& store, const Messages& values) {
  if (auto why_not = WhyNotOfClass(store, values)) {
    ++refused_total_[values.publisher_class];
    return why_not;
  }
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
