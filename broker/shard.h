// What of the broker one loop owns: everything its sessions need, and nothing that another loop
// touches.
#ifndef BROKER_SHARD_H_
#define BROKER_SHARD_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/executor.h"
#include "base/on_loop.h"
#include "broker/authenticator.h"
#include "broker/backlog.h"
#include "broker/backlog_governor.h"
#include "broker/broker_totals.h"
#include "broker/client_classes.h"
#include "broker/client_id_home.h"
#include "broker/client_inboxes.h"
#include "broker/client_registry.h"
#include "broker/confirmations.h"
#include "broker/delivery_rules.h"
#include "broker/errors.h"
#include "broker/flight_recorder.h"
#include "broker/group_deliveries.h"
#include "broker/groups.h"
#include "broker/home_answers.h"
#include "broker/host.h"
#include "broker/inbox_names.h"
#include "broker/limits.h"
#include "broker/local_authenticator.h"
#include "broker/messages.h"
#include "broker/metrics.h"
#include "broker/outbox.h"
#include "broker/past_session.h"
#include "broker/permissions/permission_memo.h"
#include "broker/permissions/permission_policy.h"
#include "broker/presence.h"
#include "broker/presence_rules.h"
#include "broker/resume_tickets.h"
#include "broker/router.h"
#include "broker/siblings.h"
#include "broker/slow_ledger.h"
#include "broker/snapshot_readers.h"
#include "broker/stream_heads.h"
#include "broker/stream_readers.h"
#include "broker/stream_rules.h"
#include "broker/streams.h"
#include "broker/subscription.h"
#include "broker/wills.h"
#include "broker/wire_form.h"
#include "proto/client_frame_decoder.h"
#include "proto/message_frame.h"

namespace esockets::broker {

// What can change while the broker runs. Replaced as a whole.
struct Settings {
  Limits limits;
  ClientClasses classes;
  DeliveryPolicy delivery;
  Stamps stamps;                       // fixed when the broker starts
  std::vector<StreamRule> streams;     // the same
  std::vector<PresenceRule> presence;  // the same
  // The same; what Replace brings is not looked at.
  InboxKey inbox_key = InboxKey::Random();
  bool recv_queue = false;  // save each client's published messages in its connection's recv_queue
  std::shared_ptr<const Authenticator> authenticator = std::make_shared<LocalAuthenticator>();
  std::shared_ptr<const PermissionPolicy> permissions = std::make_shared<PermissionPolicy>();
  std::shared_ptr<const ResumeTickets> tickets;  // null: none are given
};

class Session;

// A loop's place among the loops of its broker.
struct Place {
  uint32_t loop = 0;
  uint32_t loops = 1;
  LoopLink* link = nullptr;        // REQUIRED when there are several
  BrokerTotals* totals = nullptr;  // the same for all of them
};

// What came of a question to $SYS.
struct AdminReply {
  bool refused = false;
  ErrorCode code{};     // if refused
  std::string content;  // the reply message, or the detail of the refusal
};

// Answers what is published to $SYS.
class SystemRequests {
 public:
  // `requester` gets the answer, or an Error with the request's id.
  virtual void Handle(const proto::PublishView& request, Session* requester) ESOCKETS_ON_LOOP = 0;
  // For somebody without a session, who has the right to ask: `done` is called once, on this loop,
  // within the call or later.
  using Done = std::function<void(const AdminReply& reply)>;
  virtual void Ask(std::string topic, std::string payload, Done done) ESOCKETS_ON_LOOP = 0;

 protected:
  ~SystemRequests() = default;
};

class Shard {
 public:
  // REQUIRES: loop, form, link and totals outlive the shard, the shard its sessions.
  Shard(base::Executor* loop, WireForm* form, Settings initial_settings, Host its_host, Place place)
      : settings_(std::move(initial_settings)),
        executor(*loop),
        host(std::move(its_host)),
        started(loop->clock().Now()),
        siblings(place.loop, place.loops, place.link),
        confirmations(loop, &siblings),
        router(loop, form, &metrics, &siblings, &outbox_context, &confirmations,
               settings_.limits.exchange_bytes_max),
        home_answers(loop, &siblings, &router),
        streams(loop, &siblings, &router, &home_answers, &metrics, place.totals, settings_.streams,
                settings_.stamps),
        client_inboxes(&siblings, &router, &home_answers, &settings_.limits, settings_.inbox_key),
        stream_readers(&siblings, &router, &streams, form, &outbox_context),
        snapshots(loop, &siblings, &router, &streams, form, &outbox_context),
        totals(*place.totals),
        backlog_pool(place.totals),
        groups(loop, &siblings, &router, &metrics, &backlog_pool, &settings_.limits,
               settings_.stamps),
        group_deliveries(loop, &siblings, form, &outbox_context),
        outbox_context{&backlog_pool, &metrics,        &settings_.limits, form,
                       loop,          &stream_readers, &snapshots},
        slow_ledger(loop, &metrics),
        backlog_governor(loop, &siblings, place.totals, &slow_ledger, &metrics, &settings_.limits),
        flight_recorders(loop),
        client_ids(&siblings, place.totals),
        wills(loop, &siblings, &streams, &metrics, &settings_.authenticator,
              &settings_.permissions),
        presence(loop, &siblings, &router, &metrics, settings_.presence) {
    backlog_pool.set_pressure(&backlog_governor);
    streams.SetClasses(settings_.classes);
  }
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  const Settings& settings() const ESOCKETS_ON_LOOP { return settings_; }
  const Limits& limits() const { return settings_.limits; }
  AuthPlace auth_place() { return {.loop = &executor, .pool = host.pool}; }
  void Replace(Settings settings) ESOCKETS_ON_LOOP {
    router.BeforeContractChange();
    settings.classes.KeepNumbersOf(settings_.classes);
    settings_ = std::move(settings);
    streams.SetClasses(settings_.classes);
  }

 private:
  Settings settings_;

 public:
  base::Executor& executor;
  const Host host;
  const base::TimePoint started;
  Metrics metrics;
  Siblings siblings;
  Confirmations confirmations;
  Router router;
  HomeAnswers home_answers;
  Streams streams;
  ClientInboxes client_inboxes;
  StreamReaders stream_readers;
  SnapshotReaders snapshots;
  RecentStreamHeads recent_stream_heads;
  BrokerTotals& totals;
  BacklogPool backlog_pool;
  Groups groups;
  GroupDeliveries group_deliveries;
  const OutboxContext outbox_context;
  SlowLedger slow_ledger;
  BacklogGovernor backlog_governor;
  FlightRecorders flight_recorders;
  PastSessions past_sessions;
  ClientRegistry<Session> clients;
  ClientIdHome client_ids;
  Wills wills;
  Presence presence;
  PermissionMemo permission_memo;
  proto::MessageFrame publish_frame;          // of the Publish that is being routed
  SystemRequests* system_requests = nullptr;  // REQUIRED before the first session
};

}  // namespace esockets::broker

#endif  // BROKER_SHARD_H_
