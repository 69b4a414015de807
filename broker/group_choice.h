// Which member of a group gets a message. Thread: the group's loop.
#ifndef BROKER_GROUP_CHOICE_H_
#define BROKER_GROUP_CHOICE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "broker/group_member.h"
#include "broker/group_options.h"

namespace esockets::broker {

using GroupMemberList = std::vector<std::unique_ptr<GroupMember>>;  // in the order of joining

class GroupChoice {
 public:
  explicit GroupChoice(Strategy strategy) : strategy_(strategy) {}

  Strategy strategy() const { return strategy_; }

  // Null: nobody takes it now. Under kHash it may be one that has no room: it is to wait there.
  GroupMember* Choose(const GroupMemberList& members, const GroupMessage& message);

  // A member has this message now, has it no more: whatever has become of it.
  void OnHeld(GroupMember* member, const GroupMessage& message);
  void OnLetGo(const GroupMessage& message);

 private:
  struct Holder {
    GroupMember* member = nullptr;
    uint64_t messages = 0;  // of the key, that it has
  };

  GroupMember* ChooseNext(const GroupMemberList& members);
  GroupMember* ChooseByKey(const GroupMemberList& members, uint64_t key) const;
  static GroupMember* ChooseFirst(const GroupMemberList& members);

  const Strategy strategy_;
  size_t next_ = 0;  // of the members, in turn
  // Under kHash, by key, while a member has something of it: nobody else gets any of that key then,
  // or it could come earlier there.
  absl::flat_hash_map<uint64_t, Holder> holders_;
};

}  // namespace esockets::broker

#endif  // BROKER_GROUP_CHOICE_H_
