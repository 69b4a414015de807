// Who a client is, once it has been let in: another token and other users of the broker may change
// it. Of a Session, for as long as a call takes. Thread: the loop.
#ifndef BROKER_SESSION_IDENTITY_H_
#define BROKER_SESSION_IDENTITY_H_

#include "base/on_loop.h"
#include "broker/auth/identity.h"
#include "broker/session.h"
#include "broker/shard.h"

namespace esockets::broker {

class SessionIdentity {
 public:
  // REQUIRES: `session` outlives this, and has not ended.
  explicit SessionIdentity(Session* session) : session_(*session), shard_(session->shard_) {}

  // Whom the authenticator in force knows it as. False: as nobody; the connection has ended, and
  // the client is told when to come back.
  bool Recall() ESOCKETS_ON_LOOP;
  // REQUIRES: it is the same user's.
  void Become(Identity identity) ESOCKETS_ON_LOOP;

 private:
  void Revoke() ESOCKETS_ON_LOOP;

  Session& session_;
  Shard& shard_;
};

}  // namespace esockets::broker

#endif  // BROKER_SESSION_IDENTITY_H_
