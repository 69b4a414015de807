// Who is on a topic, as a program is told.
#ifndef CLIENTS_CPP_PRESENCE_H_
#define CLIENTS_CPP_PRESENCE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace esockets::client {

// What is published below it says who is on the topic that follows.
inline constexpr std::string_view kPresencePrefix = "$presence/";

// What the client said when it connected.
struct PresenceMember {
  std::string client_id{};  // one member, however often it comes back
  std::string name{};
  std::map<std::string, std::string> metadata{};
  bool operator==(const PresenceMember&) const = default;
};

// What has changed since the last one; the first one names all who are there.
struct PresenceNews {
  bool first = false;
  // Who came; or who was there and has another name or other metadata.
  std::vector<PresenceMember> joined{};
  std::vector<PresenceMember> left{};
  // Members now.
  uint64_t count = 0;
  // Not OK: why this is the last one, and says nothing else. kPermissionDenied: the client is not
  // on the topic any more, and only members are told.
  absl::Status ended{};
};

// Thread: the client's loop. While it runs nothing else is received.
using PresenceCallback = std::function<void(const PresenceNews&)>;

}  // namespace esockets::client

#endif  // CLIENTS_CPP_PRESENCE_H_
