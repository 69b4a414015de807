// Matches messages to subscriptions and offers them; one per loop, touched by that loop alone.
//
// Messages that go to the same subscribers are gathered into a run, encoded back to back, and
// offered to each subscriber at once when the run closes: when a message goes elsewhere, its bytes
// lie elsewhere, an answer must stand between, an interest changes, or the turn ends. What other
// loops want as well goes to the exchange.
#ifndef BROKER_ROUTER_H_
#define BROKER_ROUTER_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/counted_block.h"
#include "base/executor.h"
#include "base/on_loop.h"
#include "broker/confirmations.h"
#include "broker/exchange.h"
#include "broker/group.h"
#include "broker/interest.h"
#include "broker/messages.h"
#include "broker/metrics.h"
#include "broker/outbox.h"
#include "broker/run.h"
#include "broker/session_events.h"
#include "broker/subscription.h"
#include "broker/subscription_index.h"
#include "broker/wire_form.h"

namespace esockets::broker {

// Takes what other loops send to what has its home here: streams, inboxes.
class HomeRoutes {
 public:
  // `from`: the loop that sent them.
  virtual void OnMessages(uint32_t from, const Messages& messages) ESOCKETS_ON_LOOP = 0;

 protected:
  ~HomeRoutes() = default;
};

class Router {
 public:
  // REQUIRES: all outlive the router.
  Router(base::Executor* executor, WireForm* wire_form, Metrics* metrics, Siblings* siblings,
         const OutboxContext* outbox_context, Confirmations* confirmations,
         uint64_t exchange_bytes_max)
      : executor_(*executor),
        wire_form_(*wire_form),
        metrics_(*metrics),
        outbox_context_(*outbox_context),
        confirmations_(*confirmations),
        self_(siblings->self()),
        interest_(siblings, &index_),
        exchange_(executor, siblings, metrics, exchange_bytes_max) {}
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  struct Routed {
    size_t receivers;  // of this loop: sessions and groups
    uint64_t loops;    // a bit for each other loop that wants it
  };
  // Encodes the messages if anybody wants them. They are in every outbox of this loop and on their
  // way to the other loops when the run has closed, at the end of this turn at the latest.
  Routed Publish(const Messages& messages) ESOCKETS_ON_LOOP;

  // To this subscription alone.
  void OfferTo(Subscription* subscription, const Messages& messages) ESOCKETS_ON_LOOP;

  // A batch of another loop: to the sessions of this one, or to what has its home here.
  Exchange::Routed Deliver(uint32_t from,
                           const std::shared_ptr<const MessageBatch>& batch) ESOCKETS_ON_LOOP;

  // Messages on these topics are published next, in this order: they are matched side by side, so
  // that the memory that one waits for is fetched while another is looked at. Until EndAhead, which
  // must come before the topics' bytes change.
  void MatchAhead(std::span<const std::string_view> topics) ESOCKETS_ON_LOOP;
  // The next one is published elsewhere.
  void SkipAhead() ESOCKETS_ON_LOOP {
    if (next_ahead_ < ahead_.size()) ++next_ahead_;
  }
  void EndAhead() ESOCKETS_ON_LOOP {
    ahead_.clear();
    next_ahead_ = 0;
  }

  // Calls session->OnRunClosed(id) when everything published so far is in every outbox and handed
  // to the other loops: in this turn. REQUIRES: the session lives until the end of the turn.
  void NotifyAfterRun(SessionEvents* session, uint64_t id) ESOCKETS_ON_LOOP;

  // Offers the run to its subscribers. REQUIRED before an answer to a session that must not
  // overtake its deliveries. REQUIRES: not called from within an offer.
  void CloseRun() ESOCKETS_ON_LOOP;

  // The options of a subscription, or the limits, are about to change: what was published before is
  // offered under the old ones.
  void BeforeContractChange() ESOCKETS_ON_LOOP;

  // A subscription, or a group, takes part from here on; until here.
  void Add(std::string_view filter, Subscriber* subscriber) ESOCKETS_ON_LOOP;
  void Remove(Subscriber* subscriber) ESOCKETS_ON_LOOP;

  // What its client may not have of what it matches does not come to it, from here on; or all of it
  // does. What holes there are is asked of the session, for each topic.
  void SetHoles(Subscription* subscription, bool has_holes) ESOCKETS_ON_LOOP;
  // Subscriptions that have some. Nothing is looked at for those that have none.
  size_t with_holes() const ESOCKETS_ON_LOOP { return with_holes_; }
  // Takes those out to which this topic must not come.
  static void RemoveHidden(std::string_view topic,
                           std::vector<Subscription*>* matched) ESOCKETS_ON_LOOP;

  // One publish reaches one session at most once, however many of its filters match: keeps of the
  // subscriptions that matched the strictest of each session; of several, the first.
  static void KeepStrictestOfEachSession(std::vector<Subscription*>* matched);

  // REQUIRED before anything comes that is to be stored. REQUIRES: it outlives the router.
  void set_home_routes(HomeRoutes* routes) { home_routes_ = routes; }
  // The same of what comes for inboxes.
  void set_inbox_routes(HomeRoutes* routes) { inbox_routes_ = routes; }

  const SubscriptionIndex& index() const ESOCKETS_ON_LOOP { return index_; }
  Interest& interest() ESOCKETS_ON_LOOP { return interest_; }
  Exchange& exchange() ESOCKETS_ON_LOOP { return exchange_; }

 private:
  uint64_t version() const { return index_.version() + interest_.version(); }
  void Match(std::string_view topic) ESOCKETS_ON_LOOP;
  bool TakeAhead(std::string_view topic, uint64_t version_now,
                 std::span<Subscriber* const>* found) ESOCKETS_ON_LOOP;
  void Offer(const Messages& messages) ESOCKETS_ON_LOOP;
  void OfferConfirmed(const Messages& messages) ESOCKETS_ON_LOOP;
  void OfferToSessions(const Messages& messages) ESOCKETS_ON_LOOP;
  void OfferToGroups(const Messages& messages,
                     const base::RefPtr<DeliveryReceipt>& receipt) ESOCKETS_ON_LOOP;
  bool GoesWhereTheRunGoes() const ESOCKETS_ON_LOOP;
  void Lengthen(const base::BlockSpan& frames, size_t messages) ESOCKETS_ON_LOOP;
  template <typename FindKept>
  static void KeepStrictest(std::vector<Subscription*>* matched, FindKept find_kept);
  void CloseAtTurnEnd() ESOCKETS_ON_LOOP;

  base::Executor& executor_;
  WireForm& wire_form_;
  Metrics& metrics_;
  const OutboxContext& outbox_context_;
  Confirmations& confirmations_;
  const uint32_t self_;  // loop
  HomeRoutes* home_routes_ = nullptr;
  HomeRoutes* inbox_routes_ = nullptr;
  SubscriptionIndex index_;
  Interest interest_;
  Exchange exchange_;
  size_t with_holes_ = 0;

  Run run_;
  std::vector<Subscription*> subscribers_;  // of the run
  uint64_t run_match_ = 0;                  // the match that found them
  std::vector<std::pair<SessionEvents*, uint64_t>> observers_;
  bool closing_at_turn_end_ = false;
  bool closing_ = false;

  // The last match: the next message is most often on the same topic.
  std::string matched_topic_;
  static constexpr uint64_t kNoVersion = ~uint64_t{0};
  uint64_t matched_version_ = kNoVersion;  // of index and interest
  std::vector<Subscription*> matched_;
  std::vector<Group*> matched_groups_;
  uint64_t matched_loops_ = 0;
  std::vector<Subscriber*> found_;
  uint64_t match_ = 0;  // number of the match

  // What was found ahead, and is not asked for yet.
  std::vector<const char*> ahead_;  // topics
  size_t next_ahead_ = 0;
  uint64_t ahead_version_ = kNoVersion;
  std::vector<Subscriber*> found_ahead_;
  std::vector<size_t> ends_ahead_;  // in found_ahead_, of each topic's
};

}  // namespace esockets::broker

#endif  // BROKER_ROUTER_H_
