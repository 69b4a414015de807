#include "broker/acl_view.h"

#include <memory>
#include <string>

#include "absl/strings/ascii.h"
#include "base/strings.h"
#include "base/topic.h"
#include "broker/inbox_names.h"
#include "broker/permissions/permission_policy.h"
#include "broker/permissions/permission_rule.h"
#include "broker/permissions/permission_set.h"
#include "broker/presence_rules.h"

namespace esockets::broker {
namespace {

std::optional<Refusal<ErrorCode>> RefuseRequest(std::string detail) {
  return Refusal<ErrorCode>{ErrorCode::kAdminBadRequest, std::move(detail)};
}

std::optional<Action> ActionOf(const admin::AclRequest& request) {
  Action action{};
  if (!ParseAction(absl::AsciiStrToUpper(request.action()), &action)) return std::nullopt;
  return action;
}

// Those are asked of filters, the others of topics.
bool IsOfFilters(Action action) {
  return action == Action::kSubscribe || action == Action::kStream;
}

Identity IdentityOf(const admin::AclRequest& request, const Settings& settings) {
  Identity identity = settings.authenticator->Describe(request.user());
  identity.groups.insert(identity.groups.end(), request.groups().begin(), request.groups().end());
  for (const std::string& claim : request.claims()) {
    const size_t equals = claim.find('=');
    identity.claims[claim.substr(0, equals)] = claim.substr(equals + 1);
  }
  return identity;
}

admin::Acl Answer(bool allowed, std::string why) {
  admin::Acl answer;
  answer.set_allowed(allowed);
  answer.set_why(std::move(why));
  return answer;
}

admin::Acl AnswerOf(const Decision& decision) {
  if (decision.rule == nullptr) return Answer(false, "no permission allows it");
  const std::string& name = decision.rule->name;
  const std::string_view says = decision.allowed ? "allows it" : "denies it";
  admin::Acl answer =
      Answer(decision.allowed, base::StrCat("the permission \"", name, "\" ", says));
  answer.set_rule(name);
  if (decision.hole == nullptr) return answer;
  answer.set_hole(decision.hole->name);
  answer.set_why(base::StrCat(answer.why(), ", all but what \"", decision.hole->name, "\" denies"));
  return answer;
}

// What is asked for, and whether it is something of the broker itself.
struct Asked {
  Action action;
  std::string_view topic;
  bool of_filter;
};

Asked AskedBy(const admin::AclRequest& request) {
  const Action action = ActionOf(request).value_or(Action::kPublish);  // CheckAcl has seen it
  const std::string_view topic = request.topic();
  if (topic.starts_with(kPresencePrefix)) return {Action::kPresence, PresentTopic(topic), false};
  const bool publishes = action == Action::kPublish || action == Action::kRequest;
  if (publishes && topic.starts_with("$SYS/")) return {Action::kAdmin, topic, false};
  return {action, topic, IsOfFilters(action)};
}

admin::Acl Explain(const admin::AclRequest& request, const Identity& identity,
                   const PermissionSet* set) {
  const Asked asked = AskedBy(request);
  const bool administers =
      asked.action == Action::kAdmin || (asked.of_filter && asked.topic.starts_with("$SYS"));
  if (administers && identity.admin) return Answer(true, "the user is an administrator");
  if (administers && (set == nullptr || asked.of_filter)) {
    return Answer(false, "the user is no administrator");
  }
  const bool publishes = asked.action == Action::kPublish || asked.action == Action::kRequest;
  if (publishes && IsInInbox(asked.topic)) {
    return Answer(true, "whoever was told the name of an inbox may publish there");
  }
  if (set == nullptr) return Answer(true, "there are no permissions: everything is allowed");
  if (!asked.of_filter) return AnswerOf(set->Check(asked.action, asked.topic));
  // Who reads what was kept must be allowed to subscribe, too.
  Decision decision = set->CheckFilter(Action::kSubscribe, asked.topic);
  if (decision.allowed && asked.action == Action::kStream) {
    const PermissionRule* const hole = decision.hole;
    decision = set->CheckFilter(Action::kStream, asked.topic);
    if (decision.allowed && decision.hole == nullptr) decision.hole = hole;
  }
  return AnswerOf(decision);
}

}  // namespace

std::optional<Refusal<ErrorCode>> CheckAcl(const admin::AclRequest& request,
                                           const Settings& settings) {
  const std::optional<Action> action = ActionOf(request);
  if (!action) {
    return RefuseRequest(
        base::StrCat("action \"", request.action(),
                     "\" is none of publish, subscribe, presence, request, stream, admin"));
  }
  for (const std::string& claim : request.claims()) {
    if (claim.find('=') == std::string::npos) return RefuseRequest("claims must be NAME=VALUE");
  }
  const base::TopicError error = IsOfFilters(*action)
                                     ? base::CheckFilter(request.topic(), settings.limits.topic)
                                     : base::CheckTopic(request.topic(), settings.limits.topic);
  if (error == base::TopicError::kOk) return std::nullopt;
  return RefuseRequest(base::StrCat("topic: ", base::TopicErrorText(error)));
}

admin::Acl ExplainAcl(const admin::AclRequest& request, const Settings& settings) {
  const Identity identity = IdentityOf(request, settings);
  const std::shared_ptr<const PermissionSet> set =
      settings.permissions->Compile(identity, request.client_id());
  admin::Acl answer = Explain(request, identity, set.get());
  answer.set_user(request.user());
  answer.set_admin(identity.admin);
  for (const std::string& group : identity.groups) answer.add_groups(group);
  return answer;
}

}  // namespace esockets::broker
