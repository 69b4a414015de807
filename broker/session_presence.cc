#include <string>
#include <string_view>

#include "base/strings.h"
#include "broker/presence.h"
#include "broker/presence_rules.h"
#include "broker/session.h"
#include "proto/presence.pb.h"

// Who is on a topic, and who may know it: the part of Session that session.cc leaves out.
namespace esockets::broker {
namespace {

Presence::Viewer ViewerOf(const Session& session, std::string_view topic) {
  return {.is_admin = session.identity().admin,
          .is_member = session.subscriptions().Contains(topic)};
}

}  // namespace

// Refuses it otherwise.
bool Session::MaySubscribe(const proto::SubscribeView& subscribe) {
  const std::string_view filter = subscribe.filter;
  const Presence& presence = shard_.presence;
  Presence::Refusal refusal;
  if (IsPresence(filter)) {
    refusal = presence.CheckWatch(filter);
    if (!refusal) {
      const std::string_view topic = PresentTopic(filter);
      refusal = presence.CheckView(topic, ViewerOf(*this, topic));
    }
  } else if (presence.configured() && !subscriptions_.Contains(filter)) {
    refusal = presence.CheckJoin(filter, id(), limits().presence_topics_per_client_max);
  }
  if (refusal) Refuse(subscribe.id, refusal->code, refusal->detail);
  return !refusal;
}

// The client has left the topic, and may with that have lost the permission to watch it.
void Session::EndWatch(std::string_view topic) {
  const std::string filter = base::StrCat(kPresencePrefix, topic);
  Subscription* const watch = subscriptions_.Find(filter);
  if (watch == nullptr || !shard_.presence.CheckView(topic, ViewerOf(*this, topic))) return;
  CloseSubscription(watch);
  if (ended()) return;  // it has said Disconnect, and that was the last that it waited for
  PresenceUpdate last;
  last.set_topic(std::string(topic));
  last.set_ended(true);
  SendMessage(filter, last.SerializeAsString());
}

void Session::AskRoster(const proto::PublishView& publish) {
  const std::string_view topic = PresentTopic(publish.topic);
  if (!permissions().PermitsRosterOf(topic)) {
    return Refuse(publish.id, ErrorCode::kNotPermitted, publish.topic);
  }
  Presence::Refusal refusal = shard_.presence.CheckView(topic, ViewerOf(*this, topic));
  if (!refusal) refusal = shard_.presence.Ask(id(), publish);
  if (refusal) Refuse(publish.id, refusal->code, refusal->detail);
}

}  // namespace esockets::broker
