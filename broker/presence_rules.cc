#include "broker/presence_rules.h"

#include <algorithm>
#include <iterator>

#include "base/topic.h"

namespace esockets::broker {
namespace {

constexpr std::string_view kTexts[] = {"MEMBERS", "ANYBODY", "ADMINS"};  // by visibility

}  // namespace

std::string_view PresenceVisibilityText(PresenceVisibility visibility) {
  return kTexts[static_cast<size_t>(visibility)];
}

bool ParsePresenceVisibility(std::string_view text, PresenceVisibility* visibility) {
  const auto* const found = std::find(std::begin(kTexts), std::end(kTexts), text);
  if (found == std::end(kTexts)) return false;
  *visibility = static_cast<PresenceVisibility>(found - std::begin(kTexts));
  return true;
}

const PresenceRule* PresenceRules::Of(std::string_view topic) const {
  const auto found = std::find_if(rules_.begin(), rules_.end(), [topic](const PresenceRule& rule) {
    return base::FilterMatches(rule.filter, topic);
  });
  return found == rules_.end() ? nullptr : &*found;
}

}  // namespace esockets::broker
