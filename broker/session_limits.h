// What one client may have and do at most, by its class: its places among all clients, its
// subscriptions, and how fast it sends. Of a Session, for as long as a call takes. Thread: the
// loop.
#ifndef BROKER_SESSION_LIMITS_H_
#define BROKER_SESSION_LIMITS_H_

#include <cstdint>
#include <string>

#include "base/on_loop.h"
#include "broker/client_rates.h"
#include "broker/session.h"
#include "broker/shard.h"
#include "proto/client_frame_decoder.h"

namespace esockets::broker {

class SessionLimits {
 public:
  // REQUIRES: `session` outlives this.
  explicit SessionLimits(Session* session) : session_(*session), shard_(session->shard_) {}

  // Finds its class: once it is known who it is.
  void Classify() ESOCKETS_ON_LOOP;
  // The same when that, or the settings, have changed.
  void ChangeClass() ESOCKETS_ON_LOOP;

  // Each: False: the session has ended.
  // There is memory for one more client, or it is one that administrates.
  bool FindsMemory() ESOCKETS_ON_LOOP;
  // Takes its places among the clients of its user and of its class.
  bool EnterQuotas() ESOCKETS_ON_LOOP;
  void LeaveQuotas() ESOCKETS_ON_LOOP;

  // Each: or else the request is refused.
  bool HasRoomForSubscription(uint64_t request_id) ESOCKETS_ON_LOOP;
  bool HasRoomForReading(const proto::SubscribeView& subscribe) ESOCKETS_ON_LOOP;

  // Of what it may send in a second.
  static RatesUsed InputUsed(const Session& session) ESOCKETS_ON_LOOP;

  // So many commands have come: who sends faster than it may is not read from until it has waited
  // for it.
  void PaceInput(uint64_t messages) ESOCKETS_ON_LOOP;

 private:
  // Ends the session of a newcomer.
  bool Refuse(const std::string& detail) ESOCKETS_ON_LOOP;

  Session& session_;
  Shard& shard_;
};

}  // namespace esockets::broker

#endif  // BROKER_SESSION_LIMITS_H_
