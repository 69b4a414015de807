// The presence of the topics that have their home on this loop: takes what the loops report of
// their clients, and publishes the updates. One timer for all of them. Thread: the loop.
#ifndef BROKER_PRESENCE_HOME_H_
#define BROKER_PRESENCE_HOME_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/on_loop.h"
#include "base/strings.h"
#include "broker/metrics.h"
#include "broker/presence_rules.h"
#include "broker/presence_topic.h"
#include "broker/present_client.h"
#include "broker/router.h"
#include "proto/message_frame.h"
#include "proto/presence.pb.h"

namespace esockets::broker {

class PresenceHome {
 public:
  // REQUIRES: all outlive this.
  PresenceHome(base::Executor* executor, Router* router, Metrics* metrics,
               const PresenceRules* rules)
      : executor_(*executor), router_(*router), metrics_(*metrics), rules_(*rules) {}
  PresenceHome(const PresenceHome&) = delete;
  PresenceHome& operator=(const PresenceHome&) = delete;

  // REQUIRES: there is a rule for the topic.
  void Take(const PresenceChange& change) ESOCKETS_ON_LOOP;
  PresenceRoster Roster(std::string_view topic, const PresenceRequest& request) ESOCKETS_ON_LOOP;

  // Those that somebody is on, or about which there is something to tell.
  size_t topics() const { return topics_.size(); }
  // Members that have been told, of all of them.
  size_t members() const { return members_; }

 private:
  struct Topic {
    Topic(std::string name, const PresenceRule* rule, uint64_t epoch)
        : presence(std::move(name), rule, epoch) {}
    PresenceTopic presence;
    base::TimePoint wakes_at = PresenceTopic::kNever;
  };

  Topic* FindOrAdd(std::string_view name) ESOCKETS_ON_LOOP;
  void Schedule(Topic* topic) ESOCKETS_ON_LOOP;
  void SetTimer() ESOCKETS_ON_LOOP;
  void WakeSome() ESOCKETS_ON_LOOP;
  void Wake(Topic* topic, base::TimePoint now) ESOCKETS_ON_LOOP;
  void Publish(const PresenceUpdate& update) ESOCKETS_ON_LOOP;

  base::Executor& executor_;
  Router& router_;
  Metrics& metrics_;
  const PresenceRules& rules_;
  base::StringMap<std::unique_ptr<Topic>> topics_;
  std::set<std::pair<base::TimePoint, Topic*>> schedule_;
  base::TimerId timer_;
  base::TimePoint timer_at_ = PresenceTopic::kNever;
  uint64_t last_epoch_ = 0;
  size_t members_ = 0;
  proto::MessageFrame frame_;
};

}  // namespace esockets::broker

#endif  // BROKER_PRESENCE_HOME_H_
