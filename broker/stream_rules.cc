#include "broker/stream_rules.h"

#include "base/topic.h"

namespace esockets::broker {
namespace {

template <typename Matches>
std::optional<uint32_t> FirstOf(const std::vector<StreamRule>& rules, Matches matches) {
  for (size_t i = 0; i < rules.size(); ++i) {
    if (matches(rules[i])) return static_cast<uint32_t>(i);
  }
  return std::nullopt;
}

}  // namespace

std::optional<uint32_t> StreamRules::Named(std::string_view name) const {
  return FirstOf(rules_, [name](const StreamRule& rule) { return rule.name == name; });
}

std::optional<uint32_t> StreamRules::OfTopic(std::string_view topic) const {
  return FirstOf(
      rules_, [topic](const StreamRule& rule) { return base::FilterMatches(rule.filter, topic); });
}

std::optional<uint32_t> StreamRules::Around(std::string_view filter) const {
  return FirstOf(rules_, [filter](const StreamRule& rule) {
    return !rule.last_values && base::FilterCovers(rule.filter, filter);
  });
}

std::string StreamRules::FilterWithin(uint32_t stream, std::string_view filter) const {
  return base::FilterCovers(filter, rules_[stream].filter) ? std::string() : std::string(filter);
}

std::vector<uint32_t> StreamRules::LastValuesOf(std::string_view filter) const {
  std::vector<uint32_t> found;
  for (uint32_t i = 0; i < size(); ++i) {
    if (rules_[i].last_values && base::FiltersOverlap(rules_[i].filter, filter)) found.push_back(i);
  }
  return found;
}

}  // namespace esockets::broker
