// The groups that have their home on this loop, and what their members' loops report. Thread: the
// loop.
//
// A group has one home, so that one place knows which member has what: a message is given to one of
// them, and given again only when the loop of that member has said that it was not sent.
#ifndef BROKER_GROUPS_H_
#define BROKER_GROUPS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/executor.h"
#include "base/on_loop.h"
#include "broker/backlog.h"
#include "broker/group.h"
#include "broker/group_member.h"
#include "broker/group_parcels.h"
#include "broker/limits.h"
#include "broker/messages.h"
#include "broker/metrics.h"
#include "broker/router.h"
#include "broker/siblings.h"

namespace esockets::broker {

class Groups final : public GroupOutlet {
 public:
  // REQUIRES: all outlive this.
  Groups(base::Executor* executor, Siblings* siblings, Router* router, Metrics* metrics,
         BacklogPool* pool, const Limits* limits, Stamps stamps);
  Groups(const Groups&) = delete;
  Groups& operator=(const Groups&) = delete;

  // The loop that is the home of this group.
  static uint32_t HomeOf(const Siblings& siblings, std::string_view filter, std::string_view group);

  void OnJoin(uint32_t from, const GroupJoinParcel& parcel) ESOCKETS_ON_LOOP;
  void OnReport(uint32_t from, const GroupReportParcel& parcel) ESOCKETS_ON_LOOP;
  // Every loop knows that the group of this member is interested.
  void OnConfirmed(uint64_t joining) ESOCKETS_ON_LOOP;
  void OnGiven(const GroupMemberKey& member) override ESOCKETS_ON_LOOP;

 private:
  // Filter and name.
  using Key = std::pair<std::string, std::string>;
  using Map = std::map<Key, Group>;
  struct Membership {
    Map::iterator group;
    GroupMember* member;
  };

  Map::iterator FindOrMake(const GroupJoinParcel& parcel) ESOCKETS_ON_LOOP;
  void Leave(const GroupMemberKey& key, const Membership& membership,
             uint64_t sent) ESOCKETS_ON_LOOP;
  void PostItems() ESOCKETS_ON_LOOP;

  base::Executor& executor_;
  Siblings& siblings_;
  Router& router_;
  Metrics& metrics_;
  const GroupContext context_;
  Map groups_;
  absl::flat_hash_map<GroupMemberKey, Membership> memberships_;
  uint64_t last_joining_ = 0;
  absl::flat_hash_map<uint64_t, GroupMemberKey> joining_;  // until the interest is confirmed
  std::vector<GroupMemberKey> given_;                      // to be posted at the end of the turn
};

}  // namespace esockets::broker

#endif  // BROKER_GROUPS_H_
