#include "broker/groups.h"

#include <tuple>

#include "base/strings.h"

namespace esockets::broker {

Groups::Groups(base::Executor* executor, Siblings* siblings, Router* router, Metrics* metrics,
               BacklogPool* pool, const Limits* limits, Stamps stamps)
    : executor_(*executor),
      siblings_(*siblings),
      router_(*router),
      metrics_(*metrics),
      context_{executor, metrics, pool, limits, stamps, this} {}

uint32_t Groups::HomeOf(const Siblings& siblings, std::string_view filter, std::string_view group) {
  return siblings.HomeOf(base::StrCat(group, "/", filter));
}

// --- members ------------------------------------------------------------------------------------

void Groups::OnJoin(uint32_t from, const GroupJoinParcel& parcel) {
  const GroupMemberKey key{from, parcel.ticket};
  const auto group = FindOrMake(parcel);
  if (auto why_not = group->second.WhyNot(parcel.options)) {
    return siblings_.Post(from, GroupJoinedParcel{parcel.ticket, *std::move(why_not)});
  }
  if (!memberships_.contains(key)) {
    memberships_.emplace(key, Membership{group, group->second.Join(key)});
    metrics_.group_members.Add();
  }
  const uint64_t joining = ++last_joining_;
  if (router_.interest().WaitUntilConfirmed(parcel.filter,
                                            {PendingSubscribe::kOfGroups, joining})) {
    joining_.emplace(joining, key);
  } else {
    siblings_.Post(from, GroupJoinedParcel{.ticket = parcel.ticket});
  }
}

Groups::Map::iterator Groups::FindOrMake(const GroupJoinParcel& parcel) {
  const Key key(parcel.filter, parcel.group);
  if (const auto found = groups_.find(key); found != groups_.end()) return found;
  const auto made = groups_
                        .emplace(std::piecewise_construct, std::forward_as_tuple(key),
                                 std::forward_as_tuple(parcel.group, parcel.options, &context_))
                        .first;
  metrics_.groups.Add();
  router_.Add(parcel.filter, &made->second);
  return made;
}

void Groups::OnConfirmed(uint64_t joining) {
  const auto found = joining_.find(joining);
  const GroupMemberKey key = found->second;
  joining_.erase(found);
  siblings_.Post(key.loop, GroupJoinedParcel{.ticket = key.ticket});
}

void Groups::OnReport(uint32_t from, const GroupReportParcel& parcel) {
  const GroupMemberKey key{from, parcel.ticket};
  const auto found = memberships_.find(key);
  if (found == memberships_.end()) return;  // it was refused
  const Membership membership = found->second;
  Group& group = membership.group->second;
  switch (parcel.what) {
    case GroupReportParcel::What::kSent:
      return group.OnSent(membership.member, parcel.number);
    case GroupReportParcel::What::kBehind:
      return group.OnBehind(membership.member, parcel.number);
    case GroupReportParcel::What::kReady:
      return group.OnReady(membership.member);
    case GroupReportParcel::What::kLeft:
      return Leave(key, membership, parcel.number);
  }
}

void Groups::Leave(const GroupMemberKey& key, const Membership& membership, uint64_t sent) {
  memberships_.erase(key);
  metrics_.group_members.Subtract(1);
  Group& group = membership.group->second;
  group.Leave(membership.member, sent);
  if (!group.empty()) return;
  router_.Remove(&group);
  groups_.erase(membership.group);
  metrics_.groups.Subtract(1);
}

// --- what they are given ------------------------------------------------------------------------

void Groups::OnGiven(const GroupMemberKey& member) {
  given_.push_back(member);
  if (given_.size() > 1) return;
  executor_.AtTurnEnd([this] {
    executor_.AssertOnLoop();
    PostItems();
  });
}

// A member on this loop may answer within the call, and others are given more.
void Groups::PostItems() {
  for (size_t i = 0; i < given_.size(); ++i) {
    const GroupMemberKey key = given_[i];
    const auto found = memberships_.find(key);
    if (found == memberships_.end()) continue;
    GroupMember& member = *found->second.member;
    std::vector<GroupItem> items = member.TakeItems();
    if (items.empty()) continue;
    siblings_.Post(key.loop, GroupItemsParcel{key.ticket, member.round, std::move(items)});
  }
  given_.clear();
}

}  // namespace esockets::broker
