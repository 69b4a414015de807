// The broker's side of one client: who it is, what it is subscribed to, and its outbox. Takes the
// client's commands, in order; everything goes down through its SessionSink.
// States: new -> connecting -> connected -> (draining or disconnecting ->) ended. Thread: the loop.
#ifndef BROKER_SESSION_H_
#define BROKER_SESSION_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/executor.h"
#include "base/on_loop.h"
#include "broker/authenticator.h"
#include "broker/client_classes.h"
#include "broker/client_id_entry.h"
#include "broker/client_permissions.h"
#include "broker/errors.h"
#include "broker/flight_recorder.h"
#include "broker/outbox.h"
#include "broker/parcel.h"
#include "broker/router.h"
#include "broker/session_events.h"
#include "broker/session_parts.h"
#include "broker/session_sink.h"
#include "broker/shard.h"
#include "broker/subscription.h"
#include "broker/subscription_table.h"
#include "proto/client_frame_decoder.h"
#include "proto/publish_run.h"

namespace esockets::broker {

class Session final : private SessionEvents {
 public:
  // Begins to wait for Connect. REQUIRES: `shard` and `sink` outlive the session; the session is
  // destroyed after its turn (Executor::DeleteLater).
  Session(Shard* shard, SessionSink* sink) ESOCKETS_ON_LOOP;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  // --- what the client does

  // One command. REQUIRES: !ended().
  void OnFrame(const proto::ClientFrameView& frame) ESOCKETS_ON_LOOP;
  // Publishes of nothing but a topic and a payload, which are most of all commands. May they be
  // taken together, as they came? No: each is for OnFrame.
  bool TakesPublishesTo(std::string_view topic) const ESOCKETS_ON_LOOP;
  proto::PublishRun::Limits publish_limits() const ESOCKETS_ON_LOOP;
  // Takes the first of them, at least one, and returns how many: fewer if reading is paused then.
  // REQUIRES: they are within these limits, and TakesPublishesTo each topic.
  size_t OnPublishes(std::span<const proto::PublishRun> runs) ESOCKETS_ON_LOOP;
  void OnReadResumed() ESOCKETS_ON_LOOP { NoteInput(); }  // the broker had kept it from sending
  void OnAlive() ESOCKETS_ON_LOOP { NoteInput(); }        // it has answered ProbePeer
  // The socket takes no more; takes more.
  void OnSendRefused() ESOCKETS_ON_LOOP;
  void OnSendQueueLow() ESOCKETS_ON_LOOP;
  // The kernel took bytes.
  void OnFlushed(uint64_t bytes, uint64_t queue_bytes) ESOCKETS_ON_LOOP;
  // The connection is gone, for a reason that nobody could tell the client.
  void OnGone(CloseCode code, std::string_view detail) ESOCKETS_ON_LOOP;

  // --- what other loops say

  // Whether the client id is this session's. REQUIRES: it has claimed it.
  void OnClientIdAnswer(const ClientIdAnswerParcel& answer) ESOCKETS_ON_LOOP;
  // Another session wants the client id: goes, if it is the same user's.
  void OnEvict(const ClientIdEvictParcel& evict) ESOCKETS_ON_LOOP;
  void OnInterestConfirmed(uint64_t request_id) ESOCKETS_ON_LOOP;  // every loop knows of it
  // The home of a group has answered: the session is a member, or is none.
  void OnGroupJoined(const GroupDeliveries::Answer& answer) ESOCKETS_ON_LOOP;
  // What became of a message, which it asked for; where it is stored.
  void OnDelivery(uint64_t request_id, const Delivery& delivery,
                  const Stored& stored) ESOCKETS_ON_LOOP;
  void OnStored(uint64_t request_id, const Stored& stored) ESOCKETS_ON_LOOP;
  void OnSettingsReplaced() ESOCKETS_ON_LOOP;  // rules, users or limits are others
  // There is credit again for what this client publishes, or room for what it subscribes to.
  void OnCredit() ESOCKETS_ON_LOOP;

  // --- what the broker does

  // Closes the connection with this code, at once.
  void End(CloseCode code, std::string_view detail) ESOCKETS_ON_LOOP;
  void EndAfterFlush(CloseCode code, std::string_view detail) ESOCKETS_ON_LOOP;
  // Asks the client to leave; closes when what waits for it is sent.
  void Drain() ESOCKETS_ON_LOOP;
  // Answers a request with an Error.
  void Refuse(uint64_t request_id, ErrorCode code, std::string_view detail = {}) ESOCKETS_ON_LOOP;
  // A message of the broker itself for this client alone.
  void SendMessage(std::string_view topic, std::string_view payload) ESOCKETS_ON_LOOP;

  // --- views

  bool is_new() const { return state_ == State::kNew; }
  bool connecting() const { return state_ == State::kConnecting; }
  bool connected() const { return state_ == State::kConnected; }
  bool ended() const { return state_ == State::kEnded; }
  uint64_t id() const { return sink().session_id(); }
  std::string_view client_id() const;
  const SessionAbout& about() const;
  ClientPermissions permissions() const override ESOCKETS_ON_LOOP;
  const Identity& identity() const { return about().identity; }
  const Outbox& outbox() const { return outbox_; }
  // Takes what is published to the inbox. Null: its name is not told yet.
  Outbox* inbox_outbox() ESOCKETS_ON_LOOP;
  SessionSink& sink() const { return outbox_.sink(); }
  SessionEvents& events() { return *this; }
  base::TimePoint connected_at() const { return connected_at_; }
  uint64_t messages_in_total() const { return messages_in_total_; }
  const SubscriptionTable& subscriptions() const { return subscriptions_; }  // without groups
  size_t subscription_count() const;                                         // with them
  bool in_groups() const { return in_groups_; }                              // or was
  const Limits& limits() const ESOCKETS_ON_LOOP;                             // that hold for it
  uint32_t frame_bytes_max() const ESOCKETS_ON_LOOP;  // of the next one, as it is known so far

 private:
  friend class Revocation;
  friend class SessionIdentity;
  friend class SessionLimits;
  friend class SessionTickets;
  using State = SessionState;
  SessionRare& NeedRare();
  void OnConnect(const proto::ConnectView& connect) ESOCKETS_ON_LOOP;
  using OnAuthenticated = void (Session::*)(AuthVerdict verdict);
  void Authenticate(Credentials credentials, OnAuthenticated then) ESOCKETS_ON_LOOP;
  void OnVerdict(AuthVerdict verdict) ESOCKETS_ON_LOOP;
  void OnRefresh(const proto::RefreshView& refresh) ESOCKETS_ON_LOOP;
  void OnRefreshVerdict(AuthVerdict verdict) ESOCKETS_ON_LOOP;
  void CompilePermissions() ESOCKETS_ON_LOOP;
  base::Duration credentials_expire_in() const ESOCKETS_ON_LOOP;
  void WatchExpiry() ESOCKETS_ON_LOOP;
  void ClaimClientId() ESOCKETS_ON_LOOP;
  void BecomeConnected() ESOCKETS_ON_LOOP;
  void OnSubscribe(const proto::SubscribeView& subscribe) ESOCKETS_ON_LOOP;
  void JoinGroup(const proto::SubscribeView& subscribe) ESOCKETS_ON_LOOP;
  void LeaveGroup(const proto::UnsubscribeView& unsubscribe) ESOCKETS_ON_LOOP;
  Subscription* FindOrAddSubscription(std::string_view filter) ESOCKETS_ON_LOOP;
  void OpenReading(Subscription* subscription, const proto::SubscribeView& subscribe,
                   StreamReaders::Opening opening) ESOCKETS_ON_LOOP;
  void AnswerSubscribed(uint64_t request_id) ESOCKETS_ON_LOOP;
  void EndIfAnswered() ESOCKETS_ON_LOOP;
  void OnUnsubscribe(const proto::UnsubscribeView& unsubscribe) ESOCKETS_ON_LOOP;
  void CloseSubscription(Subscription* subscription) ESOCKETS_ON_LOOP;
  void Drop(Subscription* subscription) ESOCKETS_ON_LOOP;
  void Remove(Subscription* subscription) ESOCKETS_ON_LOOP;
  void OnPublish(const proto::PublishView& publish) ESOCKETS_ON_LOOP;
  Router::Routed Route(Messages messages, uint64_t payload_bytes) ESOCKETS_ON_LOOP;
  void RouteStored(Messages message, const proto::PublishView& publish) ESOCKETS_ON_LOOP;
  void RouteConfirmed(Messages messages, const proto::PublishView& publish) ESOCKETS_ON_LOOP;
  void WaitForCredit(uint64_t loops) ESOCKETS_ON_LOOP;
  void WaitForInterestRoom() ESOCKETS_ON_LOOP;
  void OnRequest(const proto::PublishView& publish) ESOCKETS_ON_LOOP;
  void OnDisconnect(const proto::DisconnectView& disconnect) ESOCKETS_ON_LOOP;
  bool TakeRequestId(uint64_t id) ESOCKETS_ON_LOOP;
  bool MaySubscribe(const proto::SubscribeView& subscribe) ESOCKETS_ON_LOOP;
  void EndWatch(std::string_view topic) ESOCKETS_ON_LOOP;
  void AskRoster(const proto::PublishView& publish) ESOCKETS_ON_LOOP;

  void NoteInput() ESOCKETS_ON_LOOP {
    if (rare_ != nullptr) rare_->last_input = shard_.executor.TurnTime();
  }
  void WatchKeepAlive() ESOCKETS_ON_LOOP;
  void OnRunClosed(uint64_t id) override ESOCKETS_ON_LOOP;
  void OnOverflow(const std::string& detail) override ESOCKETS_ON_LOOP;
  void OnPaced(base::Duration wait) override ESOCKETS_ON_LOOP;
  const Limits* client_limits() const override ESOCKETS_ON_LOOP { return &limits(); }
  void OnBehind() override ESOCKETS_ON_LOOP { shard_.slow_ledger.Watch(&outbox_); }
  void SendGap(const Subscription& subscription, const Gap& gap) override ESOCKETS_ON_LOOP;
  void SendAnswer(Answer answer, uint64_t id) ESOCKETS_ON_LOOP;
  void EndIfDrained() ESOCKETS_ON_LOOP;
  void EndWith(const SessionSink::Ending& ending) ESOCKETS_ON_LOOP;
  using Unsent = GroupDeliveries::Unsent;
  void Leave(CloseCode code, std::string_view detail, Unsent unsent) ESOCKETS_ON_LOOP;
  void Remember(CloseCode code, std::string_view detail) ESOCKETS_ON_LOOP;
  void Note(FlightKind kind, std::string_view topic, uint64_t count,
            uint64_t bytes) ESOCKETS_ON_LOOP;
  void NoteCommand(const proto::ClientFrameView& frame) ESOCKETS_ON_LOOP;

  // The order leaves no gaps.
  Shard& shard_;
  const ClientIdEntry* client_id_ = nullptr;  // once it is granted, until it is released
  std::unique_ptr<SessionRare> rare_;         // null: nothing of it is needed
  [[no_unique_address]] Outbox outbox_;       // the next fits behind its last member
  FlightRecorders::Slot flight_ = FlightRecorders::kNone;
  SubscriptionTable subscriptions_;
  uint64_t last_request_id_ = 0;
  uint64_t messages_in_total_ = 0;
  base::TimePoint connected_at_{};
  uint32_t unconfirmed_subscribes_ = 0;  // to be answered when every loop knows
  State state_ = State::kNew;
  ClassNumber class_ = 0;
  bool waits_for_credit_ = false;
  bool in_groups_ = false;
};

}  // namespace esockets::broker

#endif  // BROKER_SESSION_H_
