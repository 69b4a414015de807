#include "broker/group_choice.h"

namespace esockets::broker {
namespace {

// Rendezvous hashing: of each key, every member has a place in a row of its own. Who comes or goes
// changes nothing for the keys of others. Mixes as splitmix64 does.
uint64_t PlaceOf(uint64_t key, const GroupMemberKey& member) {
  uint64_t z = key ^ ((member.ticket << 6 | member.loop) * 0x9E3779B97F4A7C15U);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31);
}

}  // namespace

GroupMember* GroupChoice::Choose(const GroupMemberList& members, const GroupMessage& message) {
  switch (strategy_) {
    case Strategy::kRoundRobin:
      return ChooseNext(members);
    case Strategy::kHash:
      return ChooseByKey(members, message.key);
    case Strategy::kFirst:
      return ChooseFirst(members);
  }
  return nullptr;
}

GroupMember* GroupChoice::ChooseNext(const GroupMemberList& members) {
  for (size_t looked = 0; looked < members.size(); ++looked) {
    GroupMember* const member = members[next_++ % members.size()].get();
    if (member->HasRoom()) return member;
  }
  return nullptr;
}

GroupMember* GroupChoice::ChooseByKey(const GroupMemberList& members, uint64_t key) const {
  if (const auto held = holders_.find(key); held != holders_.end()) return held->second.member;
  GroupMember* chosen = nullptr;
  uint64_t place = 0;
  for (const auto& member : members) {
    if (member->behind) continue;
    const uint64_t its_place = PlaceOf(key, member->key);
    if (chosen != nullptr && its_place <= place) continue;
    chosen = member.get();
    place = its_place;
  }
  return chosen;
}

// Who is only busy stays the first.
GroupMember* GroupChoice::ChooseFirst(const GroupMemberList& members) {
  for (const auto& member : members) {
    if (member->behind) continue;
    return member->HasRoom() ? member.get() : nullptr;
  }
  return nullptr;
}

void GroupChoice::OnHeld(GroupMember* member, const GroupMessage& message) {
  if (strategy_ != Strategy::kHash) return;
  Holder& holder = holders_[message.key];
  holder.member = member;
  ++holder.messages;
}

void GroupChoice::OnLetGo(const GroupMessage& message) {
  if (strategy_ != Strategy::kHash) return;
  const auto held = holders_.find(message.key);
  if (--held->second.messages == 0) holders_.erase(held);
}

}  // namespace esockets::broker
