// Which member of a group gets a message. Members that are behind are passed over.
#ifndef CLIENTS_CPP_GROUP_STRATEGY_H_
#define CLIENTS_CPP_GROUP_STRATEGY_H_

namespace esockets::client {

enum class GroupStrategy {
  kUnspecified,  // the group's own; that of a new group is kRoundRobin
  kRoundRobin,   // one after the other
  kHash,         // one for each key, in order; without a key one for each publisher
  kFirst,        // the one that has been there longest, the others stand by
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_GROUP_STRATEGY_H_
