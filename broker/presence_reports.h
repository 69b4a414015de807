// What a loop reports of its clients to the homes of the topics that they are on. One report is on
// its way to each home: until the home has taken it, what changes is gathered, and what changes
// back is not reported. So a home that lags is sent no more than it takes, and what waits is
// bounded by clients and topics. Thread: the loop.
#ifndef BROKER_PRESENCE_REPORTS_H_
#define BROKER_PRESENCE_REPORTS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "base/executor.h"
#include "base/on_loop.h"
#include "broker/present_client.h"
#include "broker/siblings.h"

namespace esockets::broker {

class PresenceReports {
 public:
  // REQUIRES: both outlive this.
  PresenceReports(base::Executor* executor, Siblings* siblings)
      : executor_(*executor), siblings_(*siblings), homes_(siblings->count()) {}
  PresenceReports(const PresenceReports&) = delete;
  PresenceReports& operator=(const PresenceReports&) = delete;

  // Of the session that come from here on.
  using Describe = absl::FunctionRef<PresentClient()>;
  // REQUIRES: the session is not on the topic.
  void Join(std::string_view topic, uint64_t session, Describe describe) ESOCKETS_ON_LOOP;
  // REQUIRES: it is. What it was lost from has a grace time.
  void Leave(std::string_view topic, uint64_t session) ESOCKETS_ON_LOOP;
  // The session ends without a goodbye: whatever it leaves from here on, it may come back to.
  void OnLost(uint64_t session) ESOCKETS_ON_LOOP;
  // That home has taken the report that was on its way.
  void OnTaken(uint32_t home) ESOCKETS_ON_LOOP;

  // On so many topics is this session.
  size_t TopicsOf(uint64_t session) const {
    const auto found = sessions_.find(session);
    return found == sessions_.end() ? 0 : found->second.topics;
  }
  // That are on a topic.
  size_t sessions() const { return sessions_.size(); }
  // Clients and topics about which there is something to report.
  size_t waiting() const;
  size_t on_their_way() const;

 private:
  struct OfSession {
    std::shared_ptr<const PresentClient> client;
    size_t topics = 0;
    bool lost = false;
  };
  // Of a client and a topic. When there are both, the leave was first.
  struct Waiting {
    std::shared_ptr<const PresentClient> left;
    std::shared_ptr<const PresentClient> joined;
    bool may_come_back = false;  // who has left
  };
  using TopicAndClient = std::pair<std::string, std::string>;  // id of the client
  struct Home {
    absl::flat_hash_map<TopicAndClient, Waiting> waiting;
    bool on_its_way = false;
  };

  Home& HomeOf(std::string_view topic) { return homes_[siblings_.HomeOf(topic)]; }
  void PostAtTurnEnd() ESOCKETS_ON_LOOP;
  void PostAll() ESOCKETS_ON_LOOP;
  static std::vector<PresenceChange> TakeSome(Home* home);

  base::Executor& executor_;
  Siblings& siblings_;
  absl::flat_hash_map<uint64_t, OfSession> sessions_;
  std::vector<Home> homes_;  // by loop
  bool posting_ = false;
};

}  // namespace esockets::broker

#endif  // BROKER_PRESENCE_REPORTS_H_
