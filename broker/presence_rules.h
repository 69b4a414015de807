// Of which topics it is told who is on them, and to whom. Thread: any.
#ifndef BROKER_PRESENCE_RULES_H_
#define BROKER_PRESENCE_RULES_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace esockets::broker {

// Updates of a topic are published below it, and its roster is asked for there.
inline constexpr std::string_view kPresenceRoot = "$presence";
inline constexpr std::string_view kPresencePrefix = "$presence/";
inline bool IsPresence(std::string_view filter) {
  return filter == kPresenceRoot || filter.starts_with(kPresencePrefix);
}
// REQUIRES: it starts with kPresencePrefix.
inline std::string_view PresentTopic(std::string_view presence_topic) {
  return presence_topic.substr(kPresencePrefix.size());
}

// Who is told, beside administrators.
enum class PresenceVisibility : uint8_t {
  kMembers,  // who is on the topic
  kAnybody,
  kAdmins,  // nobody else
};
std::string_view PresenceVisibilityText(PresenceVisibility visibility);
// False, and *visibility stays: it is no such text.
bool ParsePresenceVisibility(std::string_view text, PresenceVisibility* visibility);

struct PresenceRule {
  std::string filter;  // which overlaps with no other one's
  base::Duration window = std::chrono::seconds(1);
  base::Duration grace = std::chrono::seconds(10);
  PresenceVisibility visible_to = PresenceVisibility::kMembers;
};

class PresenceRules {
 public:
  explicit PresenceRules(std::vector<PresenceRule> rules) : rules_(std::move(rules)) {}

  bool empty() const { return rules_.empty(); }
  // Null: it is not told who is on this topic. REQUIRES: `topic` is without wildcards.
  const PresenceRule* Of(std::string_view topic) const;

 private:
  const std::vector<PresenceRule> rules_;
};

}  // namespace esockets::broker

#endif  // BROKER_PRESENCE_RULES_H_
