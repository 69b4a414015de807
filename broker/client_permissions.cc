#include "broker/client_permissions.h"

#include "broker/inbox_names.h"
#include "broker/presence_rules.h"
#include "proto/esockets.pb.h"

namespace esockets::broker {

bool ClientPermissions::Permits(const proto::SubscribeView& subscribe) const {
  const std::string_view filter = subscribe.filter;
  if (filter.starts_with("$SYS")) return identity_.admin;
  if (IsPresence(filter)) {
    // "$presence" alone is of no topic: it is refused for that.
    const bool is_of_topic = filter.starts_with(kPresencePrefix);
    return !is_of_topic || AllowsAll(Action::kPresence, PresentTopic(filter));
  }
  if (!AllowsAll(Action::kSubscribe, filter)) return false;
  return subscribe.start == START_NOW || AllowsAll(Action::kStream, filter);
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
