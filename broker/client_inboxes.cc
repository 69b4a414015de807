#include "broker/client_inboxes.h"

#include <optional>

namespace esockets::broker {

ClientInboxes::ClientInboxes(Siblings* siblings, Router* router, HomeAnswers* answers,
                             const Limits* limits, const InboxKey& key)
    : siblings_(*siblings), router_(*router), answers_(*answers), limits_(*limits), names_(key) {
  router->set_inbox_routes(this);
}

Router::Routed ClientInboxes::Publish(const Messages& messages) {
  const std::optional<InboxNames::Owner> owner = names_.OwnerOf(messages.topic);
  if (!owner) {
    Refuse(siblings_.self(), messages);
    return {0, 0};
  }
  if (owner->loop == siblings_.self()) return Deliver(owner->loop, owner->session, messages);
  router_.exchange().ForwardHome(messages, owner->loop);
  return {0, uint64_t{1} << owner->loop};
}

void ClientInboxes::OnMessages(uint32_t from, const Messages& messages) {
  Messages arrived = messages;
  arrived.to_home = false;
  // The loop of the publisher has looked whether it is right.
  if (const auto owner = names_.OwnerOf(messages.topic)) Deliver(from, owner->session, arrived);
}

Router::Routed ClientInboxes::Deliver(uint32_t from, uint64_t session, const Messages& messages) {
  Subscription* const inbox = Open(session);
  if (inbox == nullptr) {
    Refuse(from, messages);
    return {0, 0};
  }
  router_.OfferTo(inbox, messages);
  if (messages.store != nullptr) answers_.Accept(messages, Stored{}, 1);
  return {1, 0};
}

// What is lost when the client is too slow: the oldest, for nobody may be waiting for it any more.
Subscription* ClientInboxes::Open(uint64_t session) {
  Outbox* const outbox = find_outbox_(session);
  if (outbox == nullptr) return nullptr;
  std::unique_ptr<Inbox>& inbox = inboxes_[session];
  if (inbox == nullptr) inbox = std::make_unique<Inbox>(NameOf(session), outbox);
  inbox->subscription.SetContract(
      Overflow::kDropOldest,
      BacklogLimits::Of(limits_.backlog_messages_max, limits_.backlog_bytes_max,
                        limits_.backlog_age_max_ms));
  return &inbox->subscription;
}

void ClientInboxes::Refuse(uint32_t from, const Messages& messages) {
  answers_.Refuse(from, messages, ErrorCode::kNoSuchInbox, std::string(messages.topic));
}

void ClientInboxes::Close(uint64_t session) {
  const auto found = inboxes_.find(session);
  if (found == inboxes_.end()) return;
  Subscription& subscription = found->second->subscription;
  subscription.outbox->Forget(&subscription);
  inboxes_.erase(found);
}

}  // namespace esockets::broker
