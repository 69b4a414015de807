// A client's way back: at a time of its own, and by the ticket of its last connection, without
// anybody being asked. Of a Session, for as long as a call takes. Thread: the loop.
#ifndef BROKER_SESSION_TICKETS_H_
#define BROKER_SESSION_TICKETS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/on_loop.h"
#include "broker/authenticator.h"
#include "broker/client_permissions.h"
#include "broker/resume_tickets.h"
#include "broker/session.h"
#include "broker/shard.h"
#include "proto/client_frame_decoder.h"

namespace esockets::broker {

class SessionTickets {
 public:
  // REQUIRES: `session` outlives this.
  explicit SessionTickets(Session* session) : session_(*session), shard_(session->shard_) {}

  // Who shows this. Nothing: its credentials are to be asked.
  std::optional<AuthVerdict> Judge(const proto::ConnectView& connect) ESOCKETS_ON_LOOP;

  // What a Subscribe may begin with.
  struct Access {
    Grant grant;
    // It goes on where it was when it was here: what is stored since then is as if it were
    // published.
    bool as_live = false;
    // It may not have what it asks for, but what is published from now on.
    bool from_now = false;
  };
  // `stream`: around its filter, if there is one.
  Access AccessOf(const proto::SubscribeView& subscribe,
                  std::optional<uint32_t> stream) const ESOCKETS_ON_LOOP;

  // For its next connection. Empty: it has nothing to show for it.
  std::string Issue() ESOCKETS_ON_LOOP;

  // When it is to come back, in milliseconds from now: nobody else has that time.
  uint32_t TakeSlot() ESOCKETS_ON_LOOP;

 private:
  void NoteWhereItWas(const std::vector<NamedPosition>& was_at) ESOCKETS_ON_LOOP;
  std::vector<NamedPosition> WhereItWas() const ESOCKETS_ON_LOOP;
  TicketOutcome Take(const proto::ConnectView& connect, Identity* identity) ESOCKETS_ON_LOOP;

  Session& session_;
  Shard& shard_;
};

}  // namespace esockets::broker

#endif  // BROKER_SESSION_TICKETS_H_
