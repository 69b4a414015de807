// Which streams there are, those of last values among them, and which topics each of them keeps.
// Thread: any.
#ifndef BROKER_STREAM_RULES_H_
#define BROKER_STREAM_RULES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/last_value_quota.h"
#include "broker/message_ids.h"
#include "broker/message_store.h"

namespace esockets::broker {

struct StreamRule {
  std::string name;
  std::string filter;  // which overlaps with no other stream's
  StreamLimits limits;
  MessageIdLimits message_ids;
  // It keeps the last value of each topic, and limits.messages_per_topic_max is 1; otherwise it is
  // a stream.
  std::optional<LastValueLimits> last_values{};
};

class StreamRules {
 public:
  explicit StreamRules(std::vector<StreamRule> rules) : rules_(std::move(rules)) {}

  bool empty() const { return rules_.empty(); }
  uint32_t size() const { return static_cast<uint32_t>(rules_.size()); }
  const StreamRule& operator[](uint32_t stream) const { return rules_[stream]; }

  // Index of the one of this name.
  std::optional<uint32_t> Named(std::string_view name) const;
  // ... of what keeps what is published on this topic.
  std::optional<uint32_t> OfTopic(std::string_view topic) const;
  // ... of the stream that keeps all that this filter matches.
  std::optional<uint32_t> Around(std::string_view filter) const;
  // What of this stream a subscription reads: its filter; empty: all of it, so that no topic need
  // be compared.
  std::string FilterWithin(uint32_t stream, std::string_view filter) const;
  // Those that keep last values of topics that this filter matches.
  std::vector<uint32_t> LastValuesOf(std::string_view filter) const;

 private:
  const std::vector<StreamRule> rules_;
};

}  // namespace esockets::broker

#endif  // BROKER_STREAM_RULES_H_
