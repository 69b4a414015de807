#include "broker/group_member.h"

#include <algorithm>

namespace esockets::broker {

std::vector<GroupMessage> GroupMember::Recall(uint64_t behind_number) {
  items_.clear();
  std::vector<GroupMessage> recalled;
  for (; last_given_ > behind_number && !given_.empty(); --last_given_) {
    given_bytes_ -= given_.back().memory_bytes();
    recalled.push_back(std::move(given_.back()));
    given_.pop_back();
  }
  std::reverse(recalled.begin(), recalled.end());
  std::vector<GroupMessage> waiting = waiting_here.TakeAll();
  recalled.insert(recalled.end(), std::move_iterator(waiting.begin()),
                  std::move_iterator(waiting.end()));
  return recalled;
}

}  // namespace esockets::broker
