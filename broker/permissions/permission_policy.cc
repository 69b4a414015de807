#include "broker/permissions/permission_policy.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "broker/permissions/topic_pattern.h"

namespace esockets::broker {
namespace {

constexpr std::string_view kClaims = "claims.";

std::optional<std::string> ValueOf(std::string_view place, const Identity& identity,
                                   std::string_view client_id) {
  if (place == "user") return identity.user;
  if (place == "client_id") return std::string(client_id);
  const auto found = identity.claims.find(place.substr(kClaims.size()));
  if (found == identity.claims.end()) return std::nullopt;
  return found->second;
}

}  // namespace

PermissionPolicy::PermissionPolicy(std::vector<PermissionRule> rules)
    : rules_(std::make_shared<const std::vector<PermissionRule>>(std::move(rules))) {}

std::shared_ptr<const PermissionSet> PermissionPolicy::Compile(const Identity& identity,
                                                               std::string_view client_id) const {
  if (rules_->empty()) return nullptr;
  Places places;
  bool has_places = false;
  for (size_t i = 0; i < rules_->size(); ++i) {
    const PermissionRule& rule = (*rules_)[i];
    if (!rule.who.Fits(identity)) continue;
    places.push_back(i);
    has_places = has_places || std::ranges::any_of(rule.topics, HasPlaces);
  }
  if (has_places) return Make(places, identity, client_id);
  const std::lock_guard lock(mutex_);
  std::weak_ptr<const PermissionSet>& shared = shared_[places];
  std::shared_ptr<const PermissionSet> set = shared.lock();
  if (set == nullptr) shared = set = Make(places, identity, client_id);
  return set;
}

std::shared_ptr<const PermissionSet> PermissionPolicy::Make(const Places& places,
                                                            const Identity& identity,
                                                            std::string_view client_id) const {
  const PlaceValue value = [&](std::string_view place) {
    return ValueOf(place, identity, client_id);
  };
  std::vector<PermissionSet::Entry> entries;
  for (const size_t place : places) {
    const PermissionRule& rule = (*rules_)[place];
    PermissionSet::Entry entry{.rule = &rule, .filters = {}};
    for (const std::string& pattern : rule.topics) {
      std::optional<std::string> filter = Fill(pattern, value);
      // One that denies must not fail to, because of a value that is no part of a topic.
      if (!filter && rule.deny) filter = Widen(pattern);
      if (filter) entry.filters.push_back(*std::move(filter));
    }
    entries.push_back(std::move(entry));
  }
  return std::make_shared<const PermissionSet>(rules_, std::move(entries));
}

}  // namespace esockets::broker
