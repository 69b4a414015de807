// Ends what a client is not permitted any more: subscriptions, memberships, watches of who is
// present, its last will.
#ifndef BROKER_REVOCATION_H_
#define BROKER_REVOCATION_H_

#include <string_view>

#include "base/on_loop.h"
#include "broker/session.h"
#include "broker/subscription.h"

namespace esockets::broker {

// For the call. Thread: the loop.
class Revocation {
 public:
  // REQUIRES: it has been let in, and has not ended.
  explicit Revocation(Session* session) : session_(*session), shard_(session->shard_) {}

  // At once: what is published from here on does not come any more, and the client is told of each.
  // It may end the session.
  void Run() ESOCKETS_ON_LOOP;

 private:
  bool IsPermitted(const Subscription& subscription, std::string_view group) const ESOCKETS_ON_LOOP;
  void EndWatches() ESOCKETS_ON_LOOP;
  void RenewHoles() ESOCKETS_ON_LOOP;
  void EndSubscriptions() ESOCKETS_ON_LOOP;
  void EndMemberships() ESOCKETS_ON_LOOP;
  void Tell(std::string_view filter) ESOCKETS_ON_LOOP;

  Session& session_;
  Shard& shard_;
};

}  // namespace esockets::broker

#endif  // BROKER_REVOCATION_H_
