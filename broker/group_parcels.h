// What crosses between the home of a group and the loops of its members: broker/groups,
// broker/group_deliveries. Each member has a ticket of its loop.
#ifndef BROKER_GROUP_PARCELS_H_
#define BROKER_GROUP_PARCELS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/group_message.h"
#include "broker/group_options.h"

namespace esockets::broker {

// To the home of the group. Who is a member already asks whether it may be one with these options.
struct GroupJoinParcel {
  uint64_t ticket;
  std::string filter;
  std::string group;
  GroupOptions options;
};
// Back.
struct GroupJoinedParcel {
  uint64_t ticket;
  std::optional<std::string> refusal{};
};
struct GroupItemsParcel {
  uint64_t ticket;
  uint32_t round;  // how often the member has fallen behind: what is of an earlier one is void
  std::vector<GroupItem> items;
};
// To the home, of what the member was given, counted from 1.
struct GroupReportParcel {
  enum class What : uint8_t {
    kSent,    // the kernel has taken it up to this one
    kBehind,  // its client took it up to this one, and no more
    kReady,   // its client takes more
    kLeft,    // it is no member any more; the kernel had taken it up to this one
  };
  What what;
  uint64_t ticket;
  uint64_t number = 0;
};

}  // namespace esockets::broker

#endif  // BROKER_GROUP_PARCELS_H_
