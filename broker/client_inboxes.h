// The inboxes of the clients of a loop: where answers to their requests are published. Each has its
// name from the beginning, and an implicit subscription from the first message on; no other loop
// hears of it. Thread: the loop.
#ifndef BROKER_CLIENT_INBOXES_H_
#define BROKER_CLIENT_INBOXES_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/on_loop.h"
#include "broker/home_answers.h"
#include "broker/inbox_names.h"
#include "broker/limits.h"
#include "broker/messages.h"
#include "broker/outbox.h"
#include "broker/router.h"
#include "broker/siblings.h"
#include "broker/subscription.h"

namespace esockets::broker {

class ClientInboxes final : public HomeRoutes {
 public:
  // REQUIRES: all outlive this.
  ClientInboxes(Siblings* siblings, Router* router, HomeAnswers* answers, const Limits* limits,
                const InboxKey& key);
  ClientInboxes(const ClientInboxes&) = delete;
  ClientInboxes& operator=(const ClientInboxes&) = delete;

  // Of a session of this loop.
  std::string NameOf(uint64_t session) const ESOCKETS_ON_LOOP {
    return names_.NameOf({.loop = siblings_.self(), .session = session});
  }
  // Is the topic in this session's inbox?
  bool IsOf(uint64_t session, std::string_view topic) const ESOCKETS_ON_LOOP {
    return names_.OwnerOf(topic) == InboxNames::Owner{siblings_.self(), session};
  }

  // To the one session, on whatever loop it is. The publisher hears through HomeAnswers: also that
  // there is no such inbox, or not any more. REQUIRES: IsInInbox(messages.topic).
  Router::Routed Publish(const Messages& messages) ESOCKETS_ON_LOOP;
  void OnMessages(uint32_t from, const Messages& messages) override ESOCKETS_ON_LOOP;

  // The session goes. REQUIRES: the router's run is closed.
  void Close(uint64_t session) ESOCKETS_ON_LOOP;

  // Null: there is no such session here, or it is not connected yet. REQUIRED before the first
  // message.
  using FindOutbox = std::function<Outbox*(uint64_t session)>;
  void set_find_outbox(FindOutbox find_outbox) { find_outbox_ = std::move(find_outbox); }

  // Those that something was published to.
  size_t size() const { return inboxes_.size(); }

 private:
  struct Inbox {
    Inbox(std::string its_name, Outbox* outbox) : name(std::move(its_name)), subscription(outbox) {
      subscription.set_filter(name);
    }
    const std::string name;
    Subscription subscription;
  };

  Router::Routed Deliver(uint32_t from, uint64_t session,
                         const Messages& messages) ESOCKETS_ON_LOOP;
  // Null: nobody is there any more.
  Subscription* Open(uint64_t session) ESOCKETS_ON_LOOP;
  void Refuse(uint32_t from, const Messages& messages) ESOCKETS_ON_LOOP;

  Siblings& siblings_;
  Router& router_;
  HomeAnswers& answers_;
  const Limits& limits_;
  const InboxNames names_;
  FindOutbox find_outbox_;
  absl::flat_hash_map<uint64_t, std::unique_ptr<Inbox>> inboxes_;  // by session
};

}  // namespace esockets::broker

#endif  // BROKER_CLIENT_INBOXES_H_
