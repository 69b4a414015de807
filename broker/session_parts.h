// Parts of a session that most sessions do without.
#ifndef BROKER_SESSION_PARTS_H_
#define BROKER_SESSION_PARTS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "broker/authenticator.h"
#include "broker/client_rates.h"
#include "broker/permissions/permission_set.h"
#include "broker/will.h"

namespace esockets::broker {

enum class SessionState : uint8_t {
  kNew,
  kConnecting,
  kConnected,
  kDraining,       // asked to leave; what waits for it is sent first
  kDisconnecting,  // has said Disconnect; its Subscribes are answered first
  kEnded,
};

// Who the client said it is.
struct SessionAbout {
  Identity identity;
  std::string name;
  std::vector<std::pair<std::string, std::string>> metadata;
  bool operator==(const SessionAbout&) const = default;

  // Of a broker without users, and gave no name.
  static const SessionAbout kAnybody;
};

// Of credentials that expire, or are refreshed.
struct SessionExpiry {
  base::TimerId timer;
  std::optional<uint64_t> refreshing;  // id of the Refresh that is being judged
  std::optional<base::TimePoint> last_refresh;
};

// What only some sessions need, or only at times: there may be very many, most of them idle.
struct SessionRare {
  std::unique_ptr<const SessionAbout> about;         // null: kAnybody
  std::shared_ptr<const PermissionSet> permissions;  // null: there are no rules
  // While it is found out who it is; what it said of itself.
  std::unique_ptr<SessionAbout> said;
  std::shared_ptr<Will> said_will;
  // On the way to its client id.
  std::string wanted_client_id;
  bool chose_client_id = false;           // the client itself
  bool reading_waits = false;             // until it is connected
  std::unique_ptr<SessionExpiry> expiry;  // null: nothing of it is needed
  // With a keep-alive; the timer is the connect timeout before.
  base::Duration keep_alive{};
  base::TimePoint last_input{};
  bool probed = false;              // since then
  bool counts_for_user = false;     // in BrokerTotals::users
  std::string counts_for_class;     // in BrokerTotals::classes; empty: for none
  std::unique_ptr<InputPace> pace;  // null: it has not been looked at yet
  base::TimerId timer;
  // How far streams were when it came, or when it had come with whose ticket it came back. Null: it
  // gets no ticket, or there are no streams.
  std::shared_ptr<const StreamPositions> was_at;
  // What it leaves; null: nothing.
  std::shared_ptr<const Will> will;
  // Going.
  std::string disconnect_reason;
  uint32_t retry_after_ms = 0;  // told when it is drained
};

}  // namespace esockets::broker

#endif  // BROKER_SESSION_PARTS_H_
