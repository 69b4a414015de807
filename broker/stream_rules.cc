#include "broker/stream_rules.h"

#include "base/topic.h"

namespace esockets::broker {
namespace {

template <typename Matches>
std::optional<uint32_t> FirstOf(const std::vector<StreamRule>& rules, Matches matches) {
  for (size_t i = 0; i < rules.size(); ++i) {
    if (matches(rules[i].filter)) return static_cast<uint32_t>(i);
  }
  return std::nullopt;
}

}  // namespace

std::optional<uint32_t> StreamRules::OfTopic(std::string_view topic) const {
  return FirstOf(rules_,
                 [topic](const std::string& filter) { return base::FilterMatches(filter, topic); });
}

std::optional<uint32_t> StreamRules::Around(std::string_view filter) const {
  return FirstOf(rules_,
                 [filter](const std::string& outer) { return base::FilterCovers(outer, filter); });
}

}  // namespace esockets::broker
