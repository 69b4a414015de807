#include "broker/permissions/permission_memo.h"

#include <functional>

namespace esockets::broker {

bool PermissionMemo::Allows(const PermissionSet& set, Action action, std::string_view topic) {
  if (topic.size() > kTopicBytesMax) return set.Check(action, topic).allowed;
  const size_t hash = std::hash<std::string_view>()(topic) ^ set.id() * 0x9E3779B97F4A7C15U;
  Slot& slot = slots_[hash % kSlots];
  if (slot.set_id != set.id() || slot.action != action || slot.topic != topic) {
    slot.allowed = set.Check(action, topic).allowed;
    slot.set_id = set.id();
    slot.action = action;
    slot.topic.assign(topic);
  }
  return slot.allowed;
}

}  // namespace esockets::broker
