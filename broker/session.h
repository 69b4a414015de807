// The broker's side of one client: who it is, what it is subscribed to, and its outbox. Takes the
// client's commands, in order; everything goes down through its SessionSink.
//
// States: new -> connecting -> connected -> (draining ->) ended. Thread: the loop.
#ifndef BROKER_SESSION_H_
#define BROKER_SESSION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/executor.h"
#include "base/on_loop.h"
#include "base/strings.h"
#include "broker/authenticator.h"
#include "broker/errors.h"
#include "broker/outbox.h"
#include "broker/parcel.h"
#include "broker/router.h"
#include "broker/session_events.h"
#include "broker/session_sink.h"
#include "broker/shard.h"
#include "broker/subscription.h"
#include "broker/subscription_table.h"
#include "proto/client_frame_decoder.h"

namespace esockets::broker {

class Session final : private SessionEvents {
 public:
  // Begins to wait for Connect. `id`: never used again. REQUIRES: `shard` and `sink` outlive the
  // session; the session is destroyed after its turn (Executor::DeleteLater).
  Session(Shard* shard, uint64_t id, SessionSink* sink) ESOCKETS_ON_LOOP;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  // --- what the client does

  // One command. REQUIRES: !ended().
  void OnFrame(const proto::ClientFrameView& frame) ESOCKETS_ON_LOOP;
  // What arrived is not a frame.
  void OnMalformed(CloseCode code, std::string_view detail) ESOCKETS_ON_LOOP;
  // The broker had kept the client from sending, and does no more.
  void OnReadResumed() ESOCKETS_ON_LOOP { last_input_ = shard_.executor.TurnTime(); }
  // The socket takes more.
  void OnSendQueueLow() ESOCKETS_ON_LOOP;
  // The connection is gone.
  void OnGone() ESOCKETS_ON_LOOP;

  // --- what other loops say

  // Whether the client id is this session's. REQUIRES: it has claimed it.
  void OnClientIdAnswer(ClientIdAnswerParcel::Outcome outcome) ESOCKETS_ON_LOOP;
  // Another session wants the client id: goes, if it is the same user's.
  void OnEvict(const ClientIdEvictParcel& evict) ESOCKETS_ON_LOOP;
  // Every loop knows of the subscription.
  void OnInterestConfirmed(uint64_t request_id) ESOCKETS_ON_LOOP;
  // There is credit again for what this client publishes.
  void OnCredit() ESOCKETS_ON_LOOP;

  // --- what the broker does

  // Closes the connection with this code, at once.
  void End(CloseCode code, std::string_view detail) ESOCKETS_ON_LOOP;
  // ... after what is queued for the socket has been sent.
  void EndAfterFlush(CloseCode code, std::string_view detail) ESOCKETS_ON_LOOP;
  // Asks the client to leave; closes when what waits for it is sent.
  void Drain(uint32_t retry_after_ms) ESOCKETS_ON_LOOP;
  // Answers a request with an Error.
  void Refuse(uint64_t request_id, ErrorCode code, std::string_view detail = {}) ESOCKETS_ON_LOOP;
  // A message of the broker itself for this client alone.
  void SendMessage(std::string_view topic, std::string_view payload) ESOCKETS_ON_LOOP;

  // --- views

  // Connect has not come yet.
  bool is_new() const { return state_ == State::kNew; }
  bool connecting() const { return state_ == State::kConnecting; }
  bool connected() const { return state_ == State::kConnected; }
  bool ended() const { return state_ == State::kEnded; }
  uint64_t id() const { return id_; }
  const std::string& client_id() const { return client_id_; }
  const Identity& identity() const { return identity_; }
  const std::string& name() const { return name_; }
  using Metadata = std::vector<std::pair<std::string, std::string>>;
  const Metadata& metadata() const { return metadata_; }
  const Outbox& outbox() const { return outbox_; }
  SessionSink& sink() const { return sink_; }
  base::TimePoint connected_at() const { return connected_at_; }
  uint64_t messages_in_total() const { return messages_in_total_; }
  const SubscriptionTable& subscriptions() const { return subscriptions_; }
  // Of the client's next frame, as it is known so far.
  uint32_t frame_bytes_max() const ESOCKETS_ON_LOOP;

 private:
  enum class State : uint8_t { kNew, kConnecting, kConnected, kDraining, kEnded };

  void OnConnect(const proto::ConnectView& connect) ESOCKETS_ON_LOOP;
  void ClaimClientId() ESOCKETS_ON_LOOP;
  void BecomeConnected() ESOCKETS_ON_LOOP;
  void OnSubscribe(const proto::SubscribeView& subscribe) ESOCKETS_ON_LOOP;
  Subscription* FindOrAddSubscription(std::string_view filter) ESOCKETS_ON_LOOP;
  void OnUnsubscribe(const proto::UnsubscribeView& unsubscribe) ESOCKETS_ON_LOOP;
  void Remove(Subscription* subscription) ESOCKETS_ON_LOOP;
  void OnPublish(const proto::PublishView& publish) ESOCKETS_ON_LOOP;
  void WaitForCredit(uint64_t loops) ESOCKETS_ON_LOOP;
  void OnRequest(const proto::PublishView& publish) ESOCKETS_ON_LOOP;
  void OnDisconnect(const proto::DisconnectView& disconnect) ESOCKETS_ON_LOOP;
  bool TakeRequestId(uint64_t id) ESOCKETS_ON_LOOP;

  void WatchKeepAlive() ESOCKETS_ON_LOOP;
  void OnRunClosed(uint64_t id) override ESOCKETS_ON_LOOP;
  void OnOverflow(const std::string& detail) override ESOCKETS_ON_LOOP;
  void SendGap(const Subscription& subscription, const Gap& gap) override ESOCKETS_ON_LOOP;
  void SendAnswer(Answer answer, uint64_t id) ESOCKETS_ON_LOOP;
  void EndIfDrained() ESOCKETS_ON_LOOP;
  void EndWith(const SessionSink::Ending& ending) ESOCKETS_ON_LOOP;
  void Leave() ESOCKETS_ON_LOOP;

  Shard& shard_;
  SessionSink& sink_;
  const uint64_t id_;
  State state_ = State::kNew;
  bool chose_client_id_ = false;  // the client itself
  bool waits_for_client_id_ = false;
  bool waits_for_credit_ = false;
  std::string client_id_;
  Identity identity_;
  std::string name_;
  Metadata metadata_;
  Outbox outbox_;
  SubscriptionTable subscriptions_;
  uint64_t last_request_id_ = 0;
  uint32_t unconfirmed_subscribes_ = 0;             // to be answered when every loop knows
  std::unique_ptr<std::string> disconnect_reason_;  // has said Disconnect, and is answered first
  uint64_t messages_in_total_ = 0;
  base::TimePoint connected_at_{};
  base::TimePoint last_input_{};
  base::Duration keep_alive_{};
  uint32_t retry_after_ms_ = 0;  // told when it is drained
  base::TimerId timer_;          // connect timeout, then keep-alive
};

}  // namespace esockets::broker

#endif  // BROKER_SESSION_H_
