#include "broker/client_permissions.h"

#include <algorithm>

#include "broker/inbox_names.h"
#include "broker/presence_rules.h"
#include "proto/esockets.pb.h"

namespace esockets::broker {

const Identity ClientPermissions::kNobody;

Grant ClientPermissions::Of(Action action, std::string_view filter) const {
  if (set_ == nullptr) return Grant::kAll;
  const Decision decision = set_->CheckFilter(action, filter);
  if (!decision.allowed) return Grant::kNothing;
  return decision.hole == nullptr ? Grant::kAll : Grant::kWithHoles;
}

Grant ClientPermissions::Of(const proto::SubscribeView& subscribe) const {
  const std::string_view filter = subscribe.filter;
  if (filter.starts_with("$SYS")) return identity_.admin ? Grant::kAll : Grant::kNothing;
  if (IsPresence(filter)) {
    // "$presence" alone is of no topic: it is refused for that.
    if (!filter.starts_with(kPresencePrefix)) return Grant::kAll;
    return Of(Action::kPresence, PresentTopic(filter));
  }
  Grant grant = Of(Action::kSubscribe, filter);
  if (subscribe.start != START_NOW) grant = std::min(grant, Of(Action::kStream, filter));
  // A message of a group goes to one member: one who may not have it would lose it for all.
  if (!subscribe.group.empty() && grant == Grant::kWithHoles) return Grant::kNothing;
  return grant;
}

bool ClientPermissions::HidesSome(std::string_view filter, bool stored) const {
  return Of(Action::kSubscribe, filter) == Grant::kWithHoles ||
         (stored && Of(Action::kStream, filter) == Grant::kWithHoles);
}

std::string_view ClientPermissions::RuleThatHides(std::string_view topic) const {
  if (set_ == nullptr) return {};
  const Decision decision = set_->Check(Action::kSubscribe, topic);
  return decision.allowed || decision.rule == nullptr ? std::string_view() : decision.rule->name;
}

// Whoever answers publishes to reply_to, with rights of his own: the client must not have him do
// what it may not do itself. Names of inboxes are known to those alone who were told them.
bool ClientPermissions::Permits(const proto::PublishView& publish) const {
  if (set_ == nullptr || IsInInbox(publish.topic)) return true;
  if (publish.reply_to.empty()) return Allows(Action::kPublish, publish.topic);
  return Allows(Action::kRequest, publish.topic) &&
         (IsInInbox(publish.reply_to) || Allows(Action::kPublish, publish.reply_to));
}

bool ClientPermissions::PermitsAdministration(std::string_view topic) const {
  return identity_.admin || (set_ != nullptr && Allows(Action::kAdmin, topic));
}

}  // namespace esockets::broker
