// Who is on one topic, and what of it has been told. Changes are gathered over a window and told in
// one update; what has changed back by then is not told. Whoever was lost has a grace time to come
// back in, and is there meanwhile. Thread: the loop.
#ifndef BROKER_PRESENCE_TOPIC_H_
#define BROKER_PRESENCE_TOPIC_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "base/clock.h"
#include "broker/presence_rules.h"
#include "broker/present_client.h"
#include "proto/presence.pb.h"

namespace esockets::broker {

class PresenceTopic {
 public:
  static constexpr base::TimePoint kNever = base::TimePoint::max();

  // `epoch`: not 0, and no other's. REQUIRES: `rule` outlives this.
  PresenceTopic(std::string topic, const PresenceRule* rule, uint64_t epoch)
      : topic_(std::move(topic)), rule_(*rule), epoch_(epoch) {}
  PresenceTopic(const PresenceTopic&) = delete;
  PresenceTopic& operator=(const PresenceTopic&) = delete;

  // REQUIRES: its topic is this one.
  void Take(const PresenceChange& change, base::TimePoint now);

  // When Advance is to be called; kNever: not before the next change.
  base::TimePoint next() const {
    return std::min(due_, leaving_.empty() ? kNever : leaving_.front()->leaves_at);
  }
  // Lets those leave whose grace is over. Something: the update that is due.
  std::optional<PresenceUpdate> Advance(base::TimePoint now);

  // Nobody is there, and everybody was told so.
  bool empty() const { return members_.empty(); }
  // Members that have been told.
  size_t count() const { return count_; }
  const std::string& topic() const { return topic_; }

  // As it has been told.
  PresenceRoster Roster(const PresenceRequest& request) const;

 private:
  struct Member;
  // By client id.
  using Members = std::map<std::string, Member, std::less<>>;

  struct Member {
    // More than one: it has taken over, and the end of the older one is on its way here.
    absl::InlinedVector<std::shared_ptr<const PresentClient>, 1> sessions;
    std::shared_ptr<const PresentClient> told;  // null: nobody knows of it
    bool changed = false;                       // it is in changed_
    bool is_leaving = false;                    // it is in leaving_
    base::TimePoint leaves_at{};
    std::list<Member*>::iterator leaving{};
    Members::iterator self{};

    bool is_here() const { return is_leaving || !sessions.empty(); }
  };

  void Join(std::shared_ptr<const PresentClient> client, base::TimePoint now);
  void Leave(const PresenceChange& change, base::TimePoint now);
  void BeginGrace(Member* member, base::TimePoint now);
  void EndGrace(Member* member);
  static bool IsNews(const Member& member);
  void Note(Member* member, base::TimePoint now);
  std::optional<PresenceUpdate> Tell();
  void TellOne(Member* member, PresenceUpdate* update);

  const std::string topic_;
  const PresenceRule& rule_;
  const uint64_t epoch_;
  Members members_;
  size_t count_ = 0;
  uint64_t version_ = 0;
  std::list<Member*> leaving_;  // in the order of their times: all have the same grace
  // Since the last update, or since its window began.
  std::vector<Member*> changed_;
  base::TimePoint due_ = kNever;
  size_t told_bytes_ = 0;  // in the update that is being made
};

}  // namespace esockets::broker

#endif  // BROKER_PRESENCE_TOPIC_H_
