#include "broker/permissions/permission_set.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "base/topic.h"

namespace esockets::broker {
namespace {

uint64_t NextId() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

// What lies below "#" is as deep as anybody likes.
bool IsWithin(const PermissionRule& rule, std::string_view filter) {
  if (rule.literal_only && !base::IsLiteral(filter)) return false;
  if (rule.max_depth == 0) return true;
  return base::LevelsOf(filter) <= rule.max_depth && !filter.ends_with('#');
}

// `covers(rule's filter)`: does it match all of it? `concerns`: some of it?
template <typename Covers, typename Concerns>
Decision Decide(const std::vector<PermissionSet::Entry>& entries, Action action,
                std::string_view text, Covers covers, Concerns concerns) {
  Decision decision;
  for (const PermissionSet::Entry& entry : entries) {
    const PermissionRule& rule = *entry.rule;
    if (!rule.actions.Contains(action)) continue;
    if (rule.deny) {
      if (std::ranges::any_of(entry.filters, covers)) return {.allowed = false, .rule = &rule};
      if (decision.hole == nullptr && std::ranges::any_of(entry.filters, concerns)) {
        decision.hole = &rule;
      }
    } else if (!decision.allowed && IsWithin(rule, text) &&
               std::ranges::any_of(entry.filters, covers)) {
      decision.allowed = true;
      decision.rule = &rule;
    }
  }
  if (!decision.allowed) decision.hole = nullptr;
  return decision;
}

}  // namespace

PermissionSet::PermissionSet(std::shared_ptr<const std::vector<PermissionRule>> rules,
                             std::vector<Entry> entries)
    : rules_(std::move(rules)), entries_(std::move(entries)), id_(NextId()) {}

Decision PermissionSet::Check(Action action, std::string_view topic) const {
  const auto matches = [topic](const std::string& filter) {
    return base::FilterMatches(filter, topic);
  };
  return Decide(entries_, action, topic, matches, matches);
}

Decision PermissionSet::CheckFilter(Action action, std::string_view filter) const {
  return Decide(
      entries_, action, filter,
      [filter](const std::string& its) { return base::FilterCovers(its, filter); },
      [filter](const std::string& its) { return base::FiltersOverlap(its, filter); });
}

}  // namespace esockets::broker
