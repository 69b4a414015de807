// A member of a group, as the group's loop knows it. Messages are given to it ahead of what its
// client is known to have got, within a window. Thread: the group's loop.
#ifndef BROKER_GROUP_MEMBER_H_
#define BROKER_GROUP_MEMBER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "broker/group_message.h"
#include "broker/group_queue.h"
#include "broker/limits.h"

namespace esockets::broker {

struct GroupMemberKey {
  uint32_t loop = 0;    // of its session
  uint64_t ticket = 0;  // of that loop

  bool operator==(const GroupMemberKey&) const = default;
  template <typename H>
  friend H AbslHashValue(H h, const GroupMemberKey& key) {
    return H::combine(std::move(h), key.loop, key.ticket);
  }
};

class GroupMember {
 public:
  // REQUIRES: `waiting` outlives the member.
  GroupMember(const GroupMemberKey& its_key, GroupWaiting* waiting)
      : key(its_key), waiting_here(waiting) {}

  // May it be given one more?
  bool HasRoom() const {
    return !behind && given_.size() < kGroupWindowMessages && given_bytes_ < kGroupWindowBytes;
  }
  // Returns true when nothing else is to be sent to its loop yet. REQUIRES: HasRoom()
  bool Give(GroupMessage message) {
    given_bytes_ += message.memory_bytes();
    items_.push_back({.frame = message.frame, .gap = message.gap});
    given_.push_back(std::move(message));
    ++last_given_;
    return items_.size() == 1;
  }
  // What is to be sent to its loop; nothing is kept of it.
  std::vector<GroupItem> TakeItems() { return std::exchange(items_, {}); }

  // The kernel has taken all that was given up to this one, counted from 1. Calls visit(message)
  // for each that is news.
  template <typename Visitor>
  void OnSent(uint64_t up_to, Visitor visit) {
    while (!given_.empty() && last_given_ - given_.size() < up_to) {
      given_bytes_ -= given_.front().memory_bytes();
      visit(given_.front());
      given_.pop_front();
    }
  }
  // It did not get what was given behind this one, and does not any more: in their order.
  std::vector<GroupMessage> Recall(uint64_t behind_number);

  const GroupMemberKey key;
  // How often it has fallen behind: what was sent to it before that, it does not take.
  uint32_t round = 0;
  bool behind = false;
  // Given to nobody else, because others of their key are on their way to it.
  GroupQueue waiting_here;

 private:
  // Not known to be taken by the kernel, oldest first; the last has the number last_given_.
  std::deque<GroupMessage> given_;
  uint64_t last_given_ = 0;
  uint64_t given_bytes_ = 0;  // of memory
  std::vector<GroupItem> items_;
};

}  // namespace esockets::broker

#endif  // BROKER_GROUP_MEMBER_H_
