// What the router and the outbox tell a session. Thread: the loop.
#ifndef BROKER_SESSION_EVENTS_H_
#define BROKER_SESSION_EVENTS_H_

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/on_loop.h"
#include "broker/client_permissions.h"
#include "broker/gap.h"
#include "broker/limits.h"
#include "broker/subscription.h"

namespace esockets::broker {

class SessionEvents {
 public:
  // What the session published before this request is in every outbox.
  virtual void OnRunClosed(uint64_t request_id) ESOCKETS_ON_LOOP = 0;

  // A subscription with the contract DISCONNECT has overflowed. Called while a run is being
  // offered: the session ends later in the turn.
  virtual void OnOverflow(const std::string& detail) ESOCKETS_ON_LOOP = 0;

  // The client has fallen behind: messages wait in its outbox.
  virtual void OnBehind() ESOCKETS_ON_LOOP = 0;

  // Tells the client of a hole in a subscription, before what follows it.
  virtual void SendGap(const Subscription& subscription, const Gap& gap) ESOCKETS_ON_LOOP = 0;

  // Deliveries have come to the client's limit: it asks the outbox again after so much time.
  virtual void OnPaced(base::Duration /*wait*/) ESOCKETS_ON_LOOP {}

  // Of this client. Null: those of the loop.
  virtual const Limits* client_limits() const ESOCKETS_ON_LOOP { return nullptr; }

  virtual ClientPermissions permissions() const ESOCKETS_ON_LOOP {
    return ClientPermissions::Everything();
  }

 protected:
  ~SessionEvents() = default;
};

}  // namespace esockets::broker

#endif  // BROKER_SESSION_EVENTS_H_
