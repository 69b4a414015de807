#include "app/plan_permissions.h"

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/plan_selector.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "broker/permissions/permission_rule.h"
#include "broker/permissions/topic_pattern.h"

namespace esockets::app {
namespace {

using broker::PermissionRule;

// Of one rule.
class RulePlanner {
 public:
  RulePlanner(const Permission& config, std::string path, const Places& places)
      : config_(config), path_(std::move(path)), places_(places) {}

  absl::Status Plan(PermissionRule* rule) {
    if (config_.name().empty()) return places_.Mistake(path_, "has no name");
    if (!base::IsValidUtf8(config_.name())) return Mistake("name", "is no valid UTF-8");
    rule->name = config_.name();
    rule->deny = config_.deny();
    rule->literal_only = config_.literal_only();
    rule->max_depth = config_.max_depth();
    // A rule that denies less than it says would be a hole.
    if (rule->deny && (rule->literal_only || rule->max_depth != 0)) {
      return Mistake("deny", "goes with neither literal_only nor max_depth");
    }
    absl::Status status = PlanSelector(config_, path_, places_, &rule->who);
    if (status.ok()) status = PlanActions(rule);
    if (status.ok()) status = PlanTopics(rule);
    return status;
  }

 private:
  absl::Status Mistake(std::string_view field, std::string_view why) const {
    return places_.Mistake(base::StrCat(path_, ".", field), why);
  }
  absl::Status Mistake(std::string_view field, int i, std::string_view why) const {
    return places_.Mistake(base::StrCat(path_, ".", field, "[", i, "]"), why);
  }

  absl::Status PlanActions(PermissionRule* rule) const {
    if (config_.actions().empty()) return Mistake("actions", "is missing: what is it about?");
    for (int i = 0; i < config_.actions_size(); ++i) {
      broker::Action action{};
      if (!broker::ParseAction(config_.actions(i), &action)) {
        return Mistake("actions", i,
                       "must be PUBLISH, SUBSCRIBE, PRESENCE, REQUEST, STREAM or ADMIN");
      }
      rule->actions.Add(action);
    }
    return absl::OkStatus();
  }

  absl::Status PlanTopics(PermissionRule* rule) const {
    if (config_.topics().empty()) return Mistake("topics", "is missing: what is it for?");
    for (int i = 0; i < config_.topics_size(); ++i) {
      if (const std::string why = broker::WhyNoPattern(config_.topics(i)); !why.empty()) {
        return Mistake("topics", i, why);
      }
      rule->topics.push_back(config_.topics(i));
    }
    return absl::OkStatus();
  }

  const Permission& config_;
  const std::string path_;
  const Places& places_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const broker::PermissionPolicy>> PlanPermissions(
    const Config& config, const Places& places) {
  std::vector<PermissionRule> rules;
  std::set<std::string_view> names;
  for (int i = 0; i < config.permission_size(); ++i) {
    const std::string path = base::StrCat("permission[", i, "]");
    absl::Status status =
        RulePlanner(config.permission(i), path, places).Plan(&rules.emplace_back());
    if (!status.ok()) return status;
    if (!names.insert(config.permission(i).name()).second) {
      return places.Mistake(path + ".name", "is another rule's already");
    }
  }
  return std::make_shared<const broker::PermissionPolicy>(std::move(rules));
}

}  // namespace esockets::app
