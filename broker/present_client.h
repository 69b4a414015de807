// Who is on a topic, and what loops tell each other of it: the part of broker/parcel that is about
// presence.
#ifndef BROKER_PRESENT_CLIENT_H_
#define BROKER_PRESENT_CLIENT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace esockets::broker {

// One session's; shared by all topics that it is on.
struct PresentClient {
  uint64_t session = 0;
  std::string client_id;
  std::string name;
  std::vector<std::pair<std::string, std::string>> metadata;

  // Is what clients are told the same?
  bool LooksLike(const PresentClient& other) const {
    return name == other.name && metadata == other.metadata;
  }
};

// A session has come to a topic, or gone.
struct PresenceChange {
  enum class Kind : uint8_t {
    kJoined,
    kLeft,
    kLost,  // it may come back: the grace time begins
  };
  Kind kind{};
  std::string topic;
  std::shared_ptr<const PresentClient> client;
};

// To the home of the topics.
struct PresenceReportParcel {
  std::vector<PresenceChange> changes;
};
// Back: the next one may come.
struct PresenceReportedParcel {};
// To the home of the topic, from the loop of a session that wants to know.
struct PresenceAskParcel {
  uint64_t session;
  std::string topic;
  std::string reply_to;
  uint32_t limit;
  std::string after;  // client id
};
// Back, behind the updates that were published before it.
struct PresenceRosterParcel {
  uint64_t session;
  std::string reply_to;
  std::string roster;  // PresenceRoster, encoded
};

}  // namespace esockets::broker

#endif  // BROKER_PRESENT_CLIENT_H_
