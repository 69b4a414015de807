// A loop's part in presence: reports the topics that its clients are on, is home to some topics,
// and answers who may see what. Thread: the loop.
#ifndef BROKER_PRESENCE_H_
#define BROKER_PRESENCE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/executor.h"
#include "base/on_loop.h"
#include "broker/command_checks.h"
#include "broker/errors.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/parcel.h"
#include "broker/presence_home.h"
#include "broker/presence_reports.h"
#include "broker/presence_rules.h"
#include "broker/router.h"
#include "broker/siblings.h"
#include "proto/client_frame_decoder.h"

namespace esockets::broker {

class Presence {
 public:
  // REQUIRES: all outlive this.
  Presence(base::Executor* executor, Siblings* siblings, Router* router, Metrics* metrics,
           std::vector<PresenceRule> rules)
      : siblings_(*siblings),
        router_(*router),
        rules_(std::move(rules)),
        reports_(executor, siblings),
        home_(executor, router, metrics, &rules_) {}
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;

  // Is there presence of any topic? Where there is not, nothing else of this is asked for.
  bool configured() const { return !rules_.empty(); }

  // --- clients of this loop

  // Who wants to see who is on a topic.
  struct Viewer {
    bool is_admin = false;
    bool is_member = false;  // on that topic
  };
  using Refusal = std::optional<broker::Refusal<ErrorCode>>;

  // Why it may not have this subscription. REQUIRES: IsPresence(filter).
  Refusal CheckWatch(std::string_view filter) const;
  // ... see who is on this topic.
  Refusal CheckView(std::string_view topic, const Viewer& viewer) const;
  // ... be on one more topic, if the filter is one's with presence.
  Refusal CheckJoin(std::string_view filter, uint64_t session, uint32_t topics_max) const;

  // The session has subscribed; subscribes no more. Nothing happens if the filter is no topic's
  // with presence.
  void OnSubscribed(std::string_view filter, uint64_t session,
                    PresenceReports::Describe describe) ESOCKETS_ON_LOOP;
  void OnUnsubscribed(std::string_view filter, uint64_t session) ESOCKETS_ON_LOOP;
  // It ends, and this is why: before its subscriptions go.
  void OnEnded(uint64_t session, CloseCode code) ESOCKETS_ON_LOOP;

  // The roster is sent to the session later. REQUIRES: request.topic begins with kPresencePrefix.
  Refusal Ask(uint64_t session, const proto::PublishView& request) ESOCKETS_ON_LOOP;

  // --- what other loops say

  void OnReport(uint32_t from, const PresenceReportParcel& report) ESOCKETS_ON_LOOP;
  void OnReported(uint32_t home) ESOCKETS_ON_LOOP { reports_.OnTaken(home); }
  void OnAsk(uint32_t from, const PresenceAskParcel& ask) ESOCKETS_ON_LOOP;
  void OnRoster(const PresenceRosterParcel& roster) ESOCKETS_ON_LOOP;

  const PresenceReports& reports() const { return reports_; }
  const PresenceHome& home() const { return home_; }

 private:
  const PresenceRule* RuleOfFilter(std::string_view filter) const;

  Siblings& siblings_;
  Router& router_;
  const PresenceRules rules_;
  PresenceReports reports_;
  PresenceHome home_;
  // Rosters that the sessions wait for.
  absl::flat_hash_map<uint64_t, uint32_t> asked_;
};

}  // namespace esockets::broker

#endif  // BROKER_PRESENCE_H_
