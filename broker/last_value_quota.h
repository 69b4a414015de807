// Whether a topic may have a last value: a store of last values is bounded in topics, in bytes, in
// how fast topics are added, and in what each class of clients has of it. Thread: the store's loop.
#ifndef BROKER_LAST_VALUE_QUOTA_H_
#define BROKER_LAST_VALUE_QUOTA_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/on_loop.h"
#include "broker/class_number.h"
#include "broker/message_store.h"
#include "broker/messages.h"

namespace esockets::broker {

struct LastValueLimits {
  uint64_t topics_max = 100'000;
  uint64_t bytes_max = 64 << 20;  // of frames
  // On average: as many as in kNewTopicsWindow may come at once.
  uint32_t new_topics_per_second_max = 10'000;
};

class LastValueQuota {
 public:
  // REQUIRES: `clock` outlives this.
  LastValueQuota(const LastValueLimits& limits, const base::Clock* clock);

  // From now on, by ClassNumber; the others have none. A message is a topic here, whose last value
  // it is, and values that there are stay.
  void SetShares(std::vector<ShareLimits> shares) ESOCKETS_ON_LOOP;
  // Values that were above the share of their class.
  uint64_t refused_total(ClassNumber publisher_class) const ESOCKETS_ON_LOOP {
    return refused_total_[publisher_class];
  }

  // Counts a topic that is new. Nothing: the values may be kept. Otherwise why not.
  std::optional<std::string> Take(const MessageStore& store,
                                  const Messages& values) ESOCKETS_ON_LOOP;

 private:
  std::optional<std::string> WhyNotOfClass(const MessageStore& store,
                                           const Messages& values) const ESOCKETS_ON_LOOP;
  bool TakeNewTopic();

  const LastValueLimits limits_;
  const base::Clock& clock_;
  double new_topics_left_;
  base::TimePoint refilled_;
  std::vector<ShareLimits> shares_;
  std::array<uint64_t, kClassNumbers> refused_total_{};
};

}  // namespace esockets::broker

#endif  // BROKER_LAST_VALUE_QUOTA_H_
