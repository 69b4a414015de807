// What somebody may do with which topics, as an operator writes it.
#ifndef BROKER_PERMISSIONS_PERMISSION_RULE_H_
#define BROKER_PERMISSIONS_PERMISSION_RULE_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "broker/auth/client_selector.h"

namespace esockets::broker {

enum class Action : uint8_t {
  kPublish,    // without a reply_to
  kSubscribe,  // to what is published from now on, and to last values
  kPresence,   // who is on a topic
  kRequest,    // publish with a reply_to
  kStream,     // read what a stream has kept
  kAdmin,      // requests to $SYS
};
inline constexpr int kActions = 6;

// "PUBLISH" and so on.
std::string_view ActionText(Action action);
// False, and *action stays: it is no such text.
bool ParseAction(std::string_view text, Action* action);

class ActionSet {
 public:
  ActionSet() = default;
  ActionSet(std::initializer_list<Action> actions) {
    for (const Action action : actions) Add(action);
  }
  bool Contains(Action action) const { return (bits_ >> static_cast<int>(action) & 1) != 0; }
  void Add(Action action) { bits_ |= static_cast<uint8_t>(1 << static_cast<int>(action)); }
  bool empty() const { return bits_ == 0; }

 private:
  uint8_t bits_ = 0;
};

struct PermissionRule {
  std::string name;  // unique
  ClientSelector who;
  ActionSet actions;
  // Filters, in which {user}, {client_id} and {claims.NAME} stand for the client's own.
  std::vector<std::string> topics;
  bool deny = false;
  // Of one that allows: only filters without wildcards, and only topics and filters of at most so
  // many levels; 0: as deep as they like.
  bool literal_only = false;
  uint32_t max_depth = 0;
};

}  // namespace esockets::broker

#endif  // BROKER_PERMISSIONS_PERMISSION_RULE_H_
