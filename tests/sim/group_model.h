// What groups promise: each message comes to one member, or a Gap tells of it; under HASH those of
// a key come in their order, whoever gets them.
#ifndef TESTS_SIM_GROUP_MODEL_H_
#define TESTS_SIM_GROUP_MODEL_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/strings.h"
#include "base/topic.h"
#include "proto/esockets.pb.h"

namespace esockets::tests {

// A payload is the number of its message, ":" and anything. It is right if every group has a member
// that stays.
class GroupModel {
 public:
  void AddGroup(const std::string& name, std::string_view filter, bool keeps_keys) {
    groups_[name] = {.filter = std::string(filter), .keeps_keys = keeps_keys};
  }

  // Somebody who gets every message has got one. It may come to a member first.
  void OnWitness(const Message& message) {
    for (auto& [name, group] : groups_) {
      if (base::FilterMatches(group.filter, message.topic()))
        group.published.insert(Number(message));
    }
  }
  // Of a player, in the order in which they arrive anywhere.
  void OnFrame(const ServerFrame& frame) {
    if (frame.has_message()) OnMessage(frame.message());
    if (frame.has_gap()) OnGap(frame.gap());
  }

  // Everything has arrived.
  void Check() {
    for (auto& [name, group] : groups_) {
      if (group.received.size() + group.lost != group.published.size()) {
        Fail(base::StrCat(name, ": ", group.published.size(), " published, ", group.received.size(),
                          " received, ", group.lost, " lost as told"));
      }
      for (const uint64_t number : group.received) {
        if (!group.published.contains(number))
          Fail(base::StrCat(name, ": never published: ", number));
      }
    }
  }

  const std::string& error() const { return error_; }

 private:
  struct Group {
    std::string filter;
    bool keeps_keys = false;
    std::set<uint64_t> published;
    std::set<uint64_t> received;
    uint64_t lost = 0;
    std::map<std::string, uint64_t> last;  // number, by key
  };

  static uint64_t Number(const Message& message) { return std::stoull(message.payload()); }

  void OnMessage(const Message& message) {
    const auto found = groups_.find(message.group());
    if (found == groups_.end()) return Fail(base::StrCat("of no group: ", message.topic()));
    Group& group = found->second;
    const uint64_t number = Number(message);
    if (!base::FilterMatches(group.filter, message.topic())) Fail("does not match");
    if (!group.received.insert(number).second) {
      Fail(base::StrCat(message.group(), ": came twice: ", number));
    }
    uint64_t& last = group.last[message.key()];
    if (group.keeps_keys && number < last) {
      Fail(base::StrCat(message.group(), ": ", number, " came behind ", last, " of its key"));
    }
    last = number;
  }
  void OnGap(const Gap& gap) {
    const auto found = groups_.find(gap.group());
    if (found == groups_.end() || found->second.filter != gap.filter()) {
      return Fail(base::StrCat("a gap of ", gap.group()));
    }
    found->second.lost += gap.messages();
  }
  void Fail(std::string why) {
    if (error_.empty()) error_ = std::move(why);
  }

  std::map<std::string, Group> groups_;
  std::string error_;
};

}  // namespace esockets::tests

#endif  // TESTS_SIM_GROUP_MODEL_H_
