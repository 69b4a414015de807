// Remembers what was decided on topics that are published to again and again. Thread: the loop.
#ifndef BROKER_PERMISSIONS_PERMISSION_MEMO_H_
#define BROKER_PERMISSIONS_PERMISSION_MEMO_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "broker/permissions/permission_set.h"

namespace esockets::broker {

class PermissionMemo {
 public:
  // As of PermissionSet::Check. REQUIRES: it is a topic.
  bool Allows(const PermissionSet& set, Action action, std::string_view topic);

 private:
  // A loop reads a few connections in a turn, each with few topics.
  static constexpr size_t kSlots = 256;
  // A longer topic is looked at each time.
  static constexpr size_t kTopicBytesMax = 128;

  struct Slot {
    uint64_t set_id = 0;
    std::string topic;
    Action action{};
    bool allowed = false;
  };

  std::array<Slot, kSlots> slots_;
};

}  // namespace esockets::broker

#endif  // BROKER_PERMISSIONS_PERMISSION_MEMO_H_
